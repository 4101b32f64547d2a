-- poll.completed with changes. The poll’s own time: that of the log runs ahead after the clock stepped back.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'notify', CAST(:position AS TEXT), 'due', :body ->> 'polled_at_ms', :body ->> 'instance', NULL, :position
WHERE :body ->> 'changes' > 0;
