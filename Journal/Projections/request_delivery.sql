-- delivery.requested
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since, replay, made_at_ms, lane)
VALUES ('deliver', :stream, 'due', :body ->> 'due_at_ms', :body ->> 'instance', NULL, :position,
  coalesce(:body ->> 'replay', 0), :body ->> 'due_at_ms', coalesce(-(:body ->> 'replay'), :body ->> 'instance'));
