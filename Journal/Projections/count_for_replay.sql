-- delivery.requested, attempted, succeeded, exhausted, skipped: the last piece of the stream names the replay
UPDATE replays_$ SET
  requested = requested + (:type = 'delivery.requested'),
  sent = sent + (:type = 'delivery.attempted'),
  succeeded = succeeded + (:type = 'delivery.succeeded'),
  failed = failed + (:type IN ('delivery.exhausted', 'delivery.skipped'))
WHERE instr(:stream, '/replay/') > 0
  AND replay = CAST(substr(:stream, instr(:stream, '/replay/') + 8) AS INTEGER);
