-- The same names as of an event, on one connection: @ stands for its position. What only decides
-- (feeds, objects, agenda) has no past and stays as it is.
CREATE TEMP VIEW events AS SELECT * FROM main.events WHERE position <= @;
CREATE TEMP VIEW entries AS SELECT * FROM entries_$ WHERE position <= @;
CREATE TEMP VIEW effects AS SELECT * FROM effects_$ WHERE effect <= @;
CREATE TEMP VIEW changes AS SELECT * FROM changes_$ WHERE position <= @;
CREATE TEMP VIEW instances AS SELECT * FROM instances_$ WHERE since <= @ AND (until IS NULL OR until > @);
CREATE TEMP VIEW deliveries AS SELECT * FROM deliveries_$ WHERE position <= @ AND since <= @ AND (until IS NULL OR until > @);
CREATE TEMP VIEW callbacks AS SELECT * FROM callbacks_$ WHERE since <= @ AND (until IS NULL OR until > @);

-- A feed has a row for each poll: the one in force is looked up, not searched for. The instance is the feed's, so
-- that those of one instance are found without looking at all feeds.
CREATE TEMP VIEW cursors AS
SELECT past.feed, past.since, past.until, known.instance, past.resource, past.collection, past.state, past.mode,
  past.cursor, past.moved_at_ms, past.polled_at_ms, past.failures, past.reason, past.next_at_ms
FROM feeds_$ AS known
CROSS JOIN cursors_$ AS past ON past.feed = known.feed
  AND past.since = (SELECT max(since) FROM cursors_$ WHERE feed = known.feed AND since <= @);

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
