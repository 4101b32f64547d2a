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

-- name: told_of_changes
-- Of some changes, the deliveries that told of them by an event: how each stood at it, and each time that it had been
-- accepted. A change without any has no row.
SELECT told.value AS change, sent.position AS position, sent.since AS since, sent.notification AS id, sent.url AS url,
  sent.status AS status, sent.attempts AS attempts, sent.last_status AS "lastStatus", sent.last_error AS error,
  sent.next_at_ms AS "nextAt@moment", sent.finished_at_ms AS "finishedAt@moment", sent.replay AS replay,
  sent.body AS "body@hex", sent.length_bytes AS bytes,
  iif(sent.status = 'succeeded', (SELECT max(cause) FROM effects_$ WHERE effect = sent.since), NULL) AS attempt
FROM json_each(:changes) AS told
CROSS JOIN effects_$ AS telling ON telling.cause = told.value AND telling.effect <= :at
CROSS JOIN deliveries_$ AS sent ON sent.position = telling.effect AND sent.since <= :at
  AND (sent.status = 'succeeded' OR sent.until IS NULL OR sent.until > :at)
ORDER BY told.value, sent.position, sent.since;

-- name: is_told_later
-- Whether a delivery tells of a change after an event, or is about to be asked for.
SELECT EXISTS (SELECT 1 FROM agenda_$ WHERE task = 'notify' AND subject = CAST(:poll AS TEXT))
  OR EXISTS (
    SELECT 1 FROM effects_$ AS telling CROSS JOIN deliveries_$ AS sent ON sent.position = telling.effect
    WHERE telling.cause = :change AND telling.effect > :at);

-- name: entered_at
-- When some events were recorded.
SELECT told.value, recorded_at_ms FROM json_each(:positions) AS told
CROSS JOIN entries_$ ON entries_$.position = told.value;

-- name: callback_as_of
-- The URL that an instance named at an event.
SELECT callback FROM instances_$ WHERE instance = :instance AND since <= :at ORDER BY since DESC LIMIT 1;
