-- Names for people and for reading: of the tables in force, and of the past.

-- name: live_views
-- What is true now. _$ stands for the generation in force.
CREATE VIEW feeds AS SELECT * FROM feeds_$;
CREATE VIEW objects AS SELECT * FROM objects_$;
CREATE VIEW agenda AS SELECT * FROM agenda_$;
CREATE VIEW replays AS SELECT * FROM replays_$;
CREATE VIEW health AS SELECT * FROM health_$;
CREATE VIEW behind AS SELECT subject FROM agenda_$ WHERE task = 'deliver' AND state = 'behind';
CREATE VIEW entries AS SELECT * FROM entries_$;
CREATE VIEW effects AS SELECT * FROM effects_$;
CREATE VIEW changes AS SELECT * FROM changes_$;
CREATE VIEW notices AS SELECT * FROM notices_$;
CREATE VIEW instances AS SELECT * FROM instances_$ WHERE until IS NULL;
CREATE VIEW cursors AS
SELECT feed, coalesce(quiet, since) AS since, until, instance, resource, collection, state, mode, cursor,
  coalesce(quiet_polled_at_ms, moved_at_ms) AS moved_at_ms, coalesce(quiet_polled_at_ms, polled_at_ms) AS polled_at_ms,
  failures, reason, iif(quiet IS NULL, next_at_ms, quiet_next_at_ms) AS next_at_ms
FROM cursors_$ WHERE until IS NULL;
CREATE VIEW deliveries AS SELECT * FROM deliveries_$ WHERE until IS NULL;
CREATE VIEW callbacks AS SELECT * FROM callbacks_$ WHERE until IS NULL;

-- name: drop_views
-- Before the names lead to another generation.
DROP VIEW IF EXISTS feeds;
DROP VIEW IF EXISTS objects;
DROP VIEW IF EXISTS agenda;
DROP VIEW IF EXISTS replays;
DROP VIEW IF EXISTS health;
DROP VIEW IF EXISTS behind;
DROP VIEW IF EXISTS entries;
DROP VIEW IF EXISTS effects;
DROP VIEW IF EXISTS changes;
DROP VIEW IF EXISTS notices;
DROP VIEW IF EXISTS instances;
DROP VIEW IF EXISTS cursors;
DROP VIEW IF EXISTS deliveries;
DROP VIEW IF EXISTS callbacks;

-- name: past_log
-- The log as of an event, for a connection that knows of no archive.
CREATE TEMP VIEW events AS
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM main.events WHERE position <= @;

-- name: drop_past_log
-- Drops it.
DROP VIEW IF EXISTS temp.events;

-- name: past_views
-- The same names as of an event, on one connection: @ stands for its position. What only decides (feeds, objects,
-- agenda) has no past and stays as it is; what only tells why something waits now is empty.
CREATE TEMP VIEW health AS SELECT * FROM health_$ WHERE false;
CREATE TEMP VIEW behind AS SELECT subject FROM agenda_$ WHERE false;
CREATE TEMP VIEW entries AS SELECT * FROM entries_$ WHERE position <= @;
CREATE TEMP VIEW effects AS SELECT * FROM effects_$ WHERE effect <= @;
CREATE TEMP VIEW changes AS SELECT * FROM changes_$ WHERE position <= @;
CREATE TEMP VIEW instances AS SELECT * FROM instances_$ WHERE since <= @ AND (until IS NULL OR until > @);
CREATE TEMP VIEW deliveries AS SELECT * FROM deliveries_$ WHERE position <= @ AND since <= @ AND (until IS NULL OR until > @);
CREATE TEMP VIEW callbacks AS SELECT * FROM callbacks_$ WHERE since <= @ AND (until IS NULL OR until > @);

-- A feed has a row for each poll that moved its cursor: the one in force is looked up, not searched for, and so is
-- the last quiet poll, in the log where the row knows a later one alone. The instance is the feed's, so that those of
-- one instance are found without looking at all feeds.
CREATE TEMP VIEW cursors AS
SELECT past.feed, coalesce(iif(past.quiet <= @, past.quiet, poll.position), past.since) AS since, past.until,
  known.instance, past.resource, past.collection, past.state, past.mode, past.cursor,
  coalesce(iif(past.quiet <= @, past.quiet_polled_at_ms, poll.body ->> 'polled_at_ms'), past.moved_at_ms) AS moved_at_ms,
  coalesce(iif(past.quiet <= @, past.quiet_polled_at_ms, poll.body ->> 'polled_at_ms'), past.polled_at_ms) AS polled_at_ms,
  past.failures, past.reason,
  CASE WHEN past.quiet <= @ THEN past.quiet_next_at_ms WHEN poll.position IS NULL THEN past.next_at_ms
    ELSE poll.body ->> 'next_at_ms' END AS next_at_ms
FROM feeds_$ AS known
CROSS JOIN cursors_$ AS past ON past.feed = known.feed
  AND past.since = (SELECT max(since) FROM cursors_$ WHERE feed = known.feed AND since <= @)
LEFT JOIN main.events AS poll ON past.quiet > @ AND poll.position = (
  SELECT max(position) FROM entries_$ INDEXED BY entries_polls_$
  WHERE type = 'poll.completed' AND feed = past.feed AND position > past.since AND position <= @);

CREATE TEMP VIEW notices AS
SELECT position, stream, kind, subject, instance, text, opened_at_ms,
  iif(until <= @, closed_at_ms, NULL) AS closed_at_ms, iif(until <= @, until, NULL) AS until
FROM notices_$ WHERE position <= @;

CREATE TEMP VIEW replays AS
SELECT replay.replay, replay.url, replay.mode,
  CASE (SELECT type FROM main.events WHERE stream = 'replay/' || replay.replay AND position <= @ ORDER BY version DESC LIMIT 1)
    WHEN 'replay.stopped' THEN 'stopped' WHEN 'replay.completed' THEN 'completed' ELSE 'running' END AS state,
  replay.notifications, count(sent.delivery) AS requested, count(*) FILTER (WHERE sent.attempts > 0) AS sent,
  count(*) FILTER (WHERE sent.status = 'succeeded') AS succeeded,
  count(*) FILTER (WHERE sent.status IN ('exhausted', 'skipped')) AS failed
FROM replays_$ AS replay
LEFT JOIN deliveries_$ AS sent ON sent.replay = replay.replay AND sent.since <= @ AND (sent.until IS NULL OR sent.until > @)
WHERE replay.replay <= @ GROUP BY replay.replay;

-- name: drop_temp_views
-- Drops the names of one connection alone: the past, or a copy.
DROP VIEW IF EXISTS temp.feeds;
DROP VIEW IF EXISTS temp.objects;
DROP VIEW IF EXISTS temp.agenda;
DROP VIEW IF EXISTS temp.replays;
DROP VIEW IF EXISTS temp.health;
DROP VIEW IF EXISTS temp.behind;
DROP VIEW IF EXISTS temp.entries;
DROP VIEW IF EXISTS temp.effects;
DROP VIEW IF EXISTS temp.changes;
DROP VIEW IF EXISTS temp.notices;
DROP VIEW IF EXISTS temp.instances;
DROP VIEW IF EXISTS temp.cursors;
DROP VIEW IF EXISTS temp.deliveries;
DROP VIEW IF EXISTS temp.callbacks;
