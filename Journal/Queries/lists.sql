-- Lists for people. The name of a column is the name of the field, and what follows an @ in it says how the value
-- is read. @key stands for the key of the list, by which it is paged. A filter and a page of filters.sql follow
-- each. Only the FROM of the list itself begins a line: what follows it is counted without the columns.

-- name: list_events
-- The log.
SELECT @key AS "#", events.position AS position, events.stream AS stream, events.version AS version, events.type AS type,
  events.recorded_at_ms AS "recordedAt@moment", events.cause AS cause, events.body AS "body@json",
  events.digest AS "digest@hex", events.revision AS revision, events.key AS key
FROM events WHERE true

-- name: find_events
-- The log as list_events has it, led by the index of events.
SELECT @key AS "#", events.position AS position, events.stream AS stream, events.version AS version, events.type AS type,
  events.recorded_at_ms AS "recordedAt@moment", events.cause AS cause, events.body AS "body@json",
  events.digest AS "digest@hex", events.revision AS revision, events.key AS key
FROM entries CROSS JOIN events ON events.position = entries.position WHERE true

-- name: list_changes
-- What changed at Google.
SELECT @key AS "#", position, instance, resource, kind AS "eventType", object_id AS "objectId", object_type AS "objectType",
  date_ms AS "date@moment", polled_at_ms AS "pollDate@moment", cause, object, item AS "item@hex", length_bytes AS bytes
FROM changes WHERE true

-- name: list_deliveries
-- What was sent, and what became of it.
SELECT @key AS "#", position, notification AS id, instance, url, status, attempts, last_status AS "lastStatus",
  next_at_ms AS "nextAt@moment", change_count AS changes, mode, replay, resource, length_bytes AS bytes, last_error AS error,
  requested_at_ms AS "requestedAt@moment", last_attempt_at_ms AS "lastAttemptAt@moment",
  finished_at_ms AS "finishedAt@moment", duration_ms AS "durationMs",
  iif(status IN ('pending', 'failed', 'unknown') AND replay IS NULL AND (SELECT breaker.type FROM events AS breaker
    WHERE breaker.stream = 'breaker/' || deliveries.url ORDER BY breaker.version DESC LIMIT 1) = 'breaker.opened',
    'breaker', NULL) AS "waitsFor"
FROM deliveries WHERE true

-- name: list_instances
-- Instances that are not deleted, with their polls.
SELECT @key AS "#", instance AS id, name, element, state, reason, callback,
  (SELECT json_group_array(resource) FROM
    (SELECT resource FROM cursors WHERE cursors.instance = instances.instance AND state <> 'closed' ORDER BY feed)
  ) AS "resources@json",
  (SELECT max(polled_at_ms) FROM cursors WHERE cursors.instance = instances.instance) AS "lastPollAt@moment",
  (SELECT min(next_at_ms) FROM cursors
    WHERE cursors.instance = instances.instance AND cursors.state = 'open' AND instances.state = 'enabled'
  ) AS "nextPollAt@moment",
  authorization, created_at_ms AS "createdAt@moment"
FROM instances WHERE state <> 'deleted'

-- name: list_cursors
-- How far each feed has read.
SELECT @key AS "#", instance, resource, cursor, moved_at_ms AS "movedAt@moment", failures,
  iif((SELECT state FROM instances WHERE instances.instance = cursors.instance) = 'enabled', next_at_ms, NULL)
    AS "nextAt@moment",
  state, mode, collection, reason, feed
FROM cursors WHERE true

-- name: list_callbacks
-- Every URL that an instance names or a person or receiver switched. What no instance names any more and
-- is enabled is left out.
SELECT @key AS "#", listed.url, state, reason, since_ms AS "since@moment",
  coalesce(waiting.pending, 0) AS pending, coalesce(waiting.held, 0) AS held,
  iif(opened.position IS NULL, 'closed', 'open') AS breaker,
  max(opened.recorded_at_ms, coalesce(waiting.tried_ms, 0)) + (opened.body ->> 'wait_ms') AS "nextAt@moment"
FROM (
  SELECT url, state, reason, changed_at_ms AS since_ms, since AS switched FROM callbacks
  WHERE state = 'disabled' OR url IN (SELECT callback FROM instances WHERE state <> 'deleted')
  UNION ALL
  SELECT callback, 'enabled', NULL, min(created_at_ms), 0 FROM instances
  WHERE state <> 'deleted' AND callback IS NOT NULL AND callback NOT IN (SELECT url FROM callbacks)
  GROUP BY callback
) AS listed
-- Once for all of them: what waits may be much, and the URLs many.
LEFT JOIN (
  SELECT url, count(*) FILTER (WHERE status <> 'held') AS pending, count(*) FILTER (WHERE status = 'held') AS held,
    max(last_attempt_at_ms) AS tried_ms
  FROM deliveries WHERE status IN ('pending', 'attempting', 'failed', 'unknown', 'held') GROUP BY url
) AS waiting ON waiting.url = listed.url
-- Who was switched since is asked as ever.
LEFT JOIN events AS opened ON opened.type = 'breaker.opened' AND opened.position > listed.switched AND opened.position = (
  SELECT latest.position FROM events AS latest WHERE latest.stream = 'breaker/' || listed.url ORDER BY latest.version DESC LIMIT 1)
WHERE true

-- name: list_notices
-- What somebody should look at.
SELECT @key AS "#", position, kind, subject, text, opened_at_ms AS "openedAt@moment", closed_at_ms AS "closedAt@moment", instance
FROM notices WHERE true

-- name: list_replays
-- Replays and how far they are.
SELECT @key AS "#", replay, url, mode, state, notifications AS total, sent, succeeded, failed,
  (SELECT recorded_at_ms FROM events WHERE position = replay) AS "requestedAt@moment",
  (SELECT body ->> 'reason' FROM events WHERE position = replay) AS reason
FROM replays WHERE true

-- name: find_callback
-- Whether an instance names a URL, anybody switched it, or a delivery goes there: one of an instance that named it
-- once, or of a replay to it, so that not all deliveries are looked through.
SELECT EXISTS (SELECT 1 FROM callbacks WHERE url = :url)
  OR EXISTS (SELECT 1 FROM instances WHERE callback = :url)
  OR EXISTS (
    SELECT 1 FROM (SELECT DISTINCT instance FROM instances_$ WHERE callback = :url) AS named
    CROSS JOIN deliveries_$ ON deliveries_$.instance = named.instance
    WHERE deliveries_$.until IS NULL AND deliveries_$.url = :url)
  OR EXISTS (
    SELECT 1 FROM replays_$ AS replay CROSS JOIN deliveries_$ ON deliveries_$.replay = replay.replay
    WHERE replay.url = :url AND deliveries_$.until IS NULL AND deliveries_$.url = :url);

-- name: find_instance_of_callback
-- The first instance that has a URL for its callback.
SELECT instance FROM instances WHERE callback = :url AND state <> 'deleted' ORDER BY instance LIMIT 1;
