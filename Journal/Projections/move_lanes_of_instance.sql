-- instance.deleted: what waits of it, and what replays send of it, is due now
INSERT INTO lanes_$ (lane, due_at_ms)
SELECT mine, (SELECT min(due_at_ms) FROM agenda_$ WHERE lane = mine AND state = 'due')
FROM (SELECT DISTINCT lane AS mine FROM agenda_$ WHERE instance = :body ->> 'instance' AND task = 'deliver')
WHERE true
ON CONFLICT (lane) DO UPDATE SET due_at_ms = excluded.due_at_ms;
