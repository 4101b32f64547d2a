-- delivery.requested, delivery.attempted, delivery.failed, delivery.unknown, delivery.held, delivery.released,
-- delivery.skipped: the next of its lane may be another
INSERT INTO lanes_$ (lane, due_at_ms)
SELECT mine, (SELECT min(due_at_ms) FROM agenda_$ WHERE lane = mine AND state = 'due')
FROM (SELECT coalesce(-CAST(substr(:stream, nullif(instr(:stream, '/replay/'), 0) + 8) AS INTEGER), :body ->> 'instance') AS mine)
WHERE true
ON CONFLICT (lane) DO UPDATE SET due_at_ms = excluded.due_at_ms WHERE due_at_ms IS NOT excluded.due_at_ms;
