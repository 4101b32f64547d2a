-- What the API of the platform lists: more of each thing than the lists for people have. Filters and a page of
-- filters.sql follow, as in lists.sql.

-- name: list_instance_settings
-- Instances that are not deleted, each with its settings and the names of what is sealed.
SELECT @key AS "#", instance AS id, created_at_ms AS "createdAt@moment", state, settings AS "settings@json",
  (SELECT json_group_array(name) FROM secrets WHERE owner = 'instance/' || instances.instance) AS "sealed@json"
FROM instances WHERE state <> 'deleted'

-- name: count_instances
-- How many instances there are that are not deleted. Filters follow, and no page.
SELECT count(*) AS count FROM instances WHERE state <> 'deleted'

-- name: list_notifications
-- Notifications on their way, each with the event that asked for it and the one that made it what it is.
SELECT @key AS "#", deliveries.position AS position, deliveries.delivery AS delivery,
  deliveries.notification AS notification, asked.body ->> 'event_id' AS "eventId", deliveries.instance AS instance,
  deliveries.url AS url, deliveries.status AS status, deliveries.last_status AS "lastStatus",
  deliveries.last_error AS error, deliveries.body AS "body@hex", deliveries.length_bytes AS bytes,
  asked.recorded_at_ms AS "askedAt@moment", changed.recorded_at_ms AS "changedAt@moment",
  EXISTS (SELECT 1 FROM events AS said WHERE said.stream = 'notification/' || deliveries.notification) AS acknowledged
FROM deliveries CROSS JOIN events AS asked ON asked.position = deliveries.position
CROSS JOIN events AS changed ON changed.position = deliveries.since
WHERE true

-- name: find_notification
-- The event that first asked for a notification, by its event id.
SELECT position FROM entries WHERE object = :event AND +type = 'delivery.requested' ORDER BY position LIMIT 1;

-- name: count_notifications
-- Notifications of a stretch of the log by steps of time and by instance; without replays. What was given up or
-- skipped has failed, and what is still on its way has done neither.
SELECT (entries.recorded_at_ms - :start_ms) / :step_ms AS step, deliveries.instance AS instance, count(*) AS count,
  count(*) FILTER (WHERE deliveries.status = 'succeeded') AS success,
  count(*) FILTER (WHERE deliveries.status IN ('exhausted', 'skipped')) AS failed
FROM deliveries CROSS JOIN entries ON entries.position = deliveries.position
WHERE deliveries.position > :after AND deliveries.position < :before AND deliveries.replay IS NULL
  AND (:instance IS NULL OR deliveries.instance = :instance)
GROUP BY step, deliveries.instance ORDER BY step, deliveries.instance LIMIT :limit;

-- name: find_disabled_callbacks
-- Those of some URLs that take nothing now.
SELECT url FROM callbacks WHERE state = 'disabled' AND url IN (SELECT value FROM json_each(:urls));
