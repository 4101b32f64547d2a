-- Whether the disposable tables are what the log makes of them: each search finds one thing at the most.

-- name: count_some
-- How many rows a table has, counted no further than one past a bound.
SELECT count(*) FROM (SELECT 1 FROM @table LIMIT :limit);

-- name: find_altered_feed
-- A feed that is not the one that was opened: what no later event changes.
SELECT feeds_$.feed FROM feeds_$
LEFT JOIN main.events AS events ON events.stream = 'feed/' || feeds_$.feed AND events.version = 1
WHERE events.type IS NOT 'feed.opened'
  OR feeds_$.instance IS NOT events.body ->> 'instance'
  OR feeds_$.resource IS NOT events.body ->> 'resource'
  OR feeds_$.collection_kind IS NOT events.body ->> 'collection_kind'
  OR feeds_$.collection IS NOT events.body ->> 'collection'
  OR feeds_$.roster IS NOT events.body ->> 'roster'
  OR feeds_$.member IS NOT events.body ->> 'member'
LIMIT 1;

-- name: find_lost_feed
-- Of the polls completed last, one whose feed is not among the feeds.
SELECT polls.feed FROM (
  SELECT events.body ->> 'feed' AS feed FROM (
    SELECT position FROM entries_$ WHERE type = 'poll.completed' ORDER BY position DESC LIMIT :limit) AS completed
  JOIN main.events AS events USING (position)
  UNION
  SELECT newest.body ->> 'feed' FROM (SELECT type, body FROM main.events ORDER BY position DESC LIMIT :limit) AS newest
  WHERE newest.type = 'poll.completed') AS polls
WHERE NOT EXISTS (SELECT 1 FROM feeds_$ WHERE feeds_$.feed = polls.feed)
LIMIT 1;

-- name: find_unplanned_feed
-- A feed on a schedule whose poll is not on the agenda.
SELECT feed FROM feeds_$
WHERE state = 'open' AND next_at_ms IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance)
  AND NOT EXISTS (SELECT 1 FROM agenda_$ WHERE task = 'poll' AND subject = 'feed/' || feeds_$.feed)
LIMIT 1;

-- name: find_idle_poll
-- A poll on the agenda whose feed is not open.
SELECT subject FROM agenda_$
WHERE task = 'poll' AND NOT EXISTS (
  SELECT 1 FROM feeds_$ WHERE feeds_$.feed = CAST(substr(agenda_$.subject, 6) AS INTEGER) AND feeds_$.state = 'open')
LIMIT 1;

-- name: find_unplanned_replay
-- A running replay with more to ask for that is not on the agenda.
SELECT replay FROM replays_$
WHERE state = 'running' AND requested < notifications
  AND NOT EXISTS (SELECT 1 FROM agenda_$ WHERE task = 'replay' AND subject = 'replay/' || replays_$.replay)
LIMIT 1;

-- name: find_differing_lane
-- A lane that does not say when the first of its deliveries is due. From one lane of the agenda to the next leads
-- the index, so that this costs the same however many wait in each.
WITH RECURSIVE waiting (lane) AS (
  SELECT min(lane) FROM agenda_$ WHERE lane IS NOT NULL
  UNION ALL
  SELECT (SELECT min(agenda_$.lane) FROM agenda_$ WHERE agenda_$.lane > waiting.lane) FROM waiting
  WHERE waiting.lane IS NOT NULL
), known (lane) AS (
  SELECT lane FROM waiting WHERE lane IS NOT NULL UNION SELECT lane FROM lanes_$
)
SELECT known.lane FROM known
WHERE (SELECT lanes_$.due_at_ms FROM lanes_$ WHERE lanes_$.lane = known.lane)
  IS NOT (SELECT min(agenda_$.due_at_ms) FROM agenda_$ WHERE agenda_$.lane = known.lane AND agenda_$.state = 'due')
LIMIT 1;

-- name: find_lost_delivery
-- Of the deliveries asked for last, one whose place on the agenda is not what the last event of its stream says.
SELECT requested.stream FROM (
  SELECT position FROM (
    SELECT position FROM entries_$ WHERE type = 'delivery.requested' ORDER BY position DESC LIMIT :limit) AS known
  UNION
  SELECT position FROM (SELECT position, type FROM main.events ORDER BY position DESC LIMIT :limit) AS newest
  WHERE newest.type = 'delivery.requested') AS asked
JOIN main.events AS requested ON requested.position = asked.position
JOIN main.events AS latest ON latest.position = (
  SELECT told.position FROM main.events AS told WHERE told.stream = requested.stream ORDER BY told.version DESC LIMIT 1)
LEFT JOIN agenda_$ AS entry ON entry.task = 'deliver' AND entry.subject = requested.stream
WHERE CASE
  WHEN latest.type IN ('delivery.requested', 'delivery.released') THEN entry.state IS NOT 'due' AND entry.state IS NOT 'behind'
  WHEN latest.type = 'delivery.attempted' THEN entry.state IS NOT 'begun'
  -- What is held is due at once when its instance is deleted.
  WHEN latest.type = 'delivery.held' THEN entry.state IS NULL OR entry.state = 'begun'
  WHEN latest.type IN ('delivery.failed', 'delivery.unknown') THEN entry.state IS NULL
    OR (latest.body ->> 'retry_at_ms' IS NOT NULL AND entry.state <> 'due' AND entry.state <> 'behind')
  WHEN latest.type IN ('delivery.succeeded', 'delivery.exhausted', 'delivery.skipped') THEN entry.state IS NOT NULL
  ELSE false END
  OR (entry.state IS NOT NULL AND entry.lane IS NOT
    coalesce(-(requested.body ->> 'replay'), requested.body ->> 'instance'))
LIMIT 1;

-- name: find_lost_notification
-- Of the polls completed last, one with changes that is not on the agenda although not all of its deliveries were
-- asked for. The last of them is among the newest effects of the poll, or later than the report tables have read.
WITH late (cause) AS MATERIALIZED (
  SELECT cause FROM main.events
  WHERE position > :reached AND type = 'delivery.requested' AND body ->> 'place' + 1 = body ->> 'places'
), polls (position) AS (
  SELECT position FROM (
    SELECT position FROM entries_$ WHERE type = 'poll.completed' ORDER BY position DESC LIMIT :limit) AS completed
  UNION
  SELECT position FROM (SELECT position, type FROM main.events ORDER BY position DESC LIMIT :limit) AS newest
  WHERE newest.type = 'poll.completed'
)
SELECT poll.position FROM polls
JOIN main.events AS poll ON poll.position = polls.position
WHERE poll.body ->> 'changes' > 0
  -- What was archived was asked for, or was on the agenda then.
  AND poll.position > (
    SELECT coalesce(max(body ->> 'last'), 0) FROM main.events WHERE stream = 'journal' AND type = 'journal.archived')
  AND NOT EXISTS (SELECT 1 FROM agenda_$ WHERE task = 'notify' AND subject = CAST(poll.position AS TEXT))
  AND NOT EXISTS (
    SELECT 1 FROM (
      SELECT effect FROM effects_$ WHERE cause = poll.position ORDER BY effect DESC LIMIT 100) AS latest
    JOIN main.events AS asked ON asked.position = latest.effect
    WHERE asked.type = 'delivery.requested' AND asked.body ->> 'place' + 1 = asked.body ->> 'places')
  AND NOT EXISTS (SELECT 1 FROM late WHERE late.cause = poll.position)
LIMIT 1;

-- name: newest_entry
-- How far the report tables have read, as they say themselves: every event is an entry.
SELECT coalesce(max(position), 0) FROM @schema.entries_$;

-- name: tell_difference
-- A thing and what is wrong with it, as JSON.
SELECT json_array(:name, :text);
