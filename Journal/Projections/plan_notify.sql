-- poll.completed with changes
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url)
SELECT 'notify', CAST(:position AS TEXT), 'due', :recorded_at_ms, :body ->> 'instance', NULL
WHERE :body ->> 'changes' > 0;
