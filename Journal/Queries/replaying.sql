-- How far a replay is, and what may be replayed.

-- name: load_replay
-- A replay and how far it has come.
SELECT url, mode, state, notifications, requested, sent, succeeded, failed FROM replays_$ WHERE replay = :replay;

-- name: replay_rest
-- Of a replay's deliveries: how many are held, and whether any is under way or waits for its turn. Who failed and
-- waits for a later retry had a turn, and so had who waits for that one; who was held since and released has another.
SELECT (SELECT count(*) FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'held'),
  EXISTS (SELECT 1 FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'begun')
  OR EXISTS (SELECT 1 FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'due' AND is_tried = 0)
  OR EXISTS (SELECT 1 FROM agenda_$
    WHERE replay = :replay AND replay > 0 AND state = 'due' AND is_tried = 1 AND due_at_ms <= :now_ms);

-- name: last_planned_of_replay
-- When the last delivery of a replay is due that had no turn yet.
SELECT max(last_ms) FROM (
  SELECT max(due_at_ms) AS last_ms FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'due' AND is_tried = 0
  UNION ALL
  SELECT max(due_at_ms) FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'behind' AND is_tried = 0);

-- name: judge_notifications
-- Of some notifications: whether a replay rendered them, whether a URL ever took them, whatever became of the
-- delivery since, and whether one is on its way there: what no replay asked for goes to the callback of its instance
-- as it is then. The deliveries of one are named by it, or begin with it and a slash, after which the digit 0 comes
-- next. The plus keeps the name in the lead: of a state there may be a million.
SELECT ids.value,
  EXISTS (
    SELECT 1 FROM deliveries
    WHERE delivery >= ids.value AND delivery < ids.value || '0' AND mode = 'rebuilt'),
  EXISTS (
    SELECT 1 FROM deliveries
    CROSS JOIN events AS taken ON taken.stream = 'delivery/' || delivery AND taken.type = 'delivery.succeeded'
    CROSS JOIN events AS attempt ON attempt.position = taken.cause
    WHERE delivery >= ids.value AND delivery < ids.value || '0' AND attempt.body ->> 'url' = :url),
  EXISTS (
    SELECT 1 FROM deliveries
    WHERE delivery >= ids.value AND delivery < ids.value || '0'
      AND +status IN ('pending', 'attempting', 'failed', 'unknown', 'held')
      AND :url = iif(replay IS NOT NULL OR status = 'attempting', url,
        (SELECT callback FROM instances WHERE instances.instance = deliveries.instance)))
FROM json_each(:ids) AS ids;

-- name: delivered_changes
-- Those of some changes that a URL was told of and took, whatever became of the delivery since.
SELECT told.value FROM json_each(:positions) AS told
WHERE EXISTS (
  SELECT 1 FROM effects CROSS JOIN deliveries ON deliveries.position = effects.effect
  CROSS JOIN events AS taken ON taken.stream = 'delivery/' || delivery AND taken.type = 'delivery.succeeded'
  CROSS JOIN events AS attempt ON attempt.position = taken.cause
  WHERE effects.cause = told.value AND attempt.body ->> 'url' = :url);

-- name: open_changes
-- Those of some changes that are on their way to a URL: by a delivery that is open, or by a notification that is
-- still to be put together.
SELECT told.value FROM json_each(:positions) AS told
WHERE EXISTS (
    SELECT 1 FROM effects CROSS JOIN deliveries ON deliveries.position = effects.effect
    WHERE effects.cause = told.value AND status IN ('pending', 'attempting', 'failed', 'unknown', 'held')
      AND :url = iif(replay IS NOT NULL OR status = 'attempting', url,
        (SELECT callback FROM instances WHERE instances.instance = deliveries.instance)))
  OR EXISTS (
    SELECT 1 FROM changes
    CROSS JOIN agenda_$ AS waiting ON waiting.task = 'notify' AND waiting.subject = CAST(changes.cause AS TEXT)
    CROSS JOIN instances ON instances.instance = changes.instance
    WHERE changes.position = told.value AND instances.callback = :url);

-- name: unaccepted_deliveries
-- A page of the deliveries in one state that no replay asked for, of the instances that name a URL. The plus has the
-- state lead: of an instance there may be many that were accepted.
SELECT position, since, notification AS id, change_count AS changes, length_bytes AS bytes FROM deliveries
WHERE status = :status AND position > :after AND position < :before AND replay IS NULL
  AND +instance IN (SELECT instance FROM instances WHERE callback = :url AND state <> 'deleted')
ORDER BY position LIMIT :limit;

-- name: names_callback
-- Whether an instance that is not deleted names a URL.
SELECT EXISTS (SELECT 1 FROM instances WHERE callback = :url AND state <> 'deleted');
