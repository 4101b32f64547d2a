-- Of a replay's deliveries: how many are held, and how many are under way or wait for their turn. Who failed and
-- waits for a later rung of the ladder had a turn; who was held since and released has another.
SELECT coalesce(sum(state = 'held'), 0), coalesce(sum(state = 'begun' OR state = 'due' AND (due_at_ms <= :now_ms
  OR NOT EXISTS (
    SELECT 1 FROM events AS attempt WHERE attempt.stream = subject AND attempt.type = 'delivery.attempted'
      AND attempt.position > coalesce((
        SELECT max(position) FROM events AS release
        WHERE release.stream = subject AND release.type = 'delivery.released'), 0)))), 0)
FROM agenda_$
WHERE task = 'deliver' AND substr(subject, nullif(instr(subject, '/replay/'), 0)) = '/replay/' || :replay;
