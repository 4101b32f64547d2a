-- The versions of an object, and who was told of them.

-- name: version_before
-- The last change of an object before one of its changes. Of objects with one objectId only the same is meant.
SELECT position, kind, item FROM changes
WHERE object_id = :object_id AND position < :position AND feed = :feed AND object = :object
ORDER BY position DESC LIMIT 1;

-- name: told_of_change
-- The deliveries that tell of a change, in order of the log.
SELECT deliveries.position AS position, notification AS id, url, status, attempts, last_status AS "lastStatus",
  last_attempt_at_ms AS "lastAttemptAt@moment", finished_at_ms AS "finishedAt@moment", replay
FROM effects CROSS JOIN deliveries ON deliveries.position = effects.effect
WHERE effects.cause = :position ORDER BY deliveries.position;
