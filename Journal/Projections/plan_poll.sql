-- feed.opened, feed.enabled, poll.completed, poll.failed, cursor.expired, cursor.reset
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url)
SELECT 'poll', :stream, 'due', :body ->> 'next_at_ms', :body ->> 'instance', NULL
WHERE :body ->> 'next_at_ms' IS NOT NULL
ON CONFLICT (task, subject) DO UPDATE SET state = 'due', due_at_ms = excluded.due_at_ms;
