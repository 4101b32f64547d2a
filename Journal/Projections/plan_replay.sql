-- replay.requested, and replay.resumed where not everything was asked for yet
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'replay', :stream, 'due', :body ->> 'due_at_ms', 0, NULL, :position
FROM replays_$
WHERE replay = CAST(substr(:stream, 8) AS INTEGER) AND requested < notifications
ON CONFLICT (task, subject) DO NOTHING;
