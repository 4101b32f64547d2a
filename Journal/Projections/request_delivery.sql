-- delivery.requested
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
VALUES ('deliver', :stream, 'due', :body ->> 'due_at_ms', :body ->> 'instance', NULL, :position);
