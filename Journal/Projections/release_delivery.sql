-- delivery.released. What was held goes before whatever was asked for later and is due already; a replay keeps the
-- times that its rate gives it.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since, replay, made_at_ms, lane)
SELECT 'deliver', :stream, 'due', :body ->> 'due_at_ms', :body ->> 'instance', NULL, :position, named.replay,
  :body ->> 'due_at_ms', iif(named.replay > 0, -named.replay, :body ->> 'instance')
FROM (SELECT iif(instr(:stream, '/replay/') > 0,
  CAST(substr(:stream, instr(:stream, '/replay/') + 8) AS INTEGER), 0) AS replay) AS named
WHERE true
ON CONFLICT (task, subject) DO UPDATE SET state = 'due', url = NULL, is_tried = 0,
  due_at_ms = iif(replay > 0, excluded.due_at_ms, min(excluded.due_at_ms, made_at_ms));
