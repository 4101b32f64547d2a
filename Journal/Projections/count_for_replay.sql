-- delivery.requested, attempted, succeeded, exhausted, skipped, released: the last piece of the stream names the replay.
-- A delivery counts once however often it is tried: what is opened again after its end is taken back.
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
