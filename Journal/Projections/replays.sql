-- Replays and how far they are. Changed in the append's own transaction.

-- name: replays_table
-- A row for each replay.
CREATE TABLE replays_$ (
  replay        INTEGER PRIMARY KEY, -- position of its replay.requested
  url           TEXT    NOT NULL,
  mode          TEXT    NOT NULL,
  state         TEXT    NOT NULL CHECK (state = 'running' OR state = 'stopped' OR state = 'completed'),
  notifications INTEGER NOT NULL,
  requested     INTEGER NOT NULL, -- deliveries asked for so far
  sent          INTEGER NOT NULL, -- of these, tried at least once
  succeeded     INTEGER NOT NULL,
  failed        INTEGER NOT NULL
) STRICT;

-- name: open_replay
-- replay.requested: nothing is asked for yet.
INSERT INTO replays_$ (replay, url, mode, state, notifications, requested, sent, succeeded, failed)
VALUES (:position, :body ->> 'to', :body ->> 'mode', 'running', :body ->> 'notifications', 0, 0, 0, 0);

-- name: change_replay
-- replay.stopped, replay.resumed, replay.completed: whether it goes on.
UPDATE replays_$ SET
  state = CASE :type WHEN 'replay.stopped' THEN 'stopped' WHEN 'replay.completed' THEN 'completed' ELSE 'running' END
WHERE replay = :body ->> 'replay';

-- name: count_for_replay
-- delivery.requested, attempted, succeeded, exhausted, skipped, released: the last piece of the stream names the
-- replay. A delivery counts once however often it is tried: what is opened again after its end is taken back.
UPDATE replays_$ SET
  requested = requested + (:type = 'delivery.requested'),
  sent = sent + (:type = 'delivery.attempted' AND :body ->> 'attempt' = 1),
  succeeded = succeeded + (:type = 'delivery.succeeded') - (:type = 'delivery.released' AND (
    SELECT type FROM events WHERE stream = :stream AND position < :position ORDER BY version DESC LIMIT 1
  ) IS 'delivery.succeeded'),
  failed = failed + (:type IN ('delivery.exhausted', 'delivery.skipped')) - (:type = 'delivery.released' AND coalesce((
    SELECT type FROM events WHERE stream = :stream AND position < :position ORDER BY version DESC LIMIT 1
  ) IN ('delivery.exhausted', 'delivery.skipped'), 0))
WHERE instr(:stream, '/replay/') > 0
  AND replay = CAST(substr(:stream, instr(:stream, '/replay/') + 8) AS INTEGER);
