-- poll.requested
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url)
VALUES ('poll', :stream, 'due', :body ->> 'at_ms', :body ->> 'instance', NULL)
ON CONFLICT (task, subject) DO UPDATE SET due_at_ms = min(due_at_ms, excluded.due_at_ms);
