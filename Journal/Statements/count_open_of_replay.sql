-- Of a replay's deliveries: how many are held, and how many are under way or wait for their turn. Who failed and
-- waits for a later rung of the ladder had a turn.
SELECT coalesce(sum(state = 'held'), 0), coalesce(sum(state = 'begun' OR state = 'due' AND (due_at_ms <= :now_ms
  OR NOT EXISTS (SELECT 1 FROM events WHERE events.stream = subject AND events.type = 'delivery.attempted'))), 0)
FROM agenda_$
WHERE task = 'deliver' AND substr(subject, nullif(instr(subject, '/replay/'), 0)) = '/replay/' || :replay;
