-- instance.enabled
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url)
SELECT 'poll', 'feed/' || feed, 'due', :recorded_at_ms, instance, NULL
FROM feeds_$ WHERE instance = :body ->> 'instance' AND state = 'open'
ON CONFLICT (task, subject) DO NOTHING;
