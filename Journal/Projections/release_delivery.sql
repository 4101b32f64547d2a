-- delivery.released
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
VALUES ('deliver', :stream, 'due', :body ->> 'due_at_ms', :body ->> 'instance', NULL, :position)
ON CONFLICT (task, subject) DO UPDATE SET state = 'due', due_at_ms = excluded.due_at_ms, url = NULL;
