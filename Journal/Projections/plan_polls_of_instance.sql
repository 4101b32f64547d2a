-- instance.enabled: what is on a schedule
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'poll', 'feed/' || feed, 'due', max(min(:recorded_at_ms, next_at_ms), not_before_ms), instance, NULL, :position
FROM feeds_$ WHERE instance = :body ->> 'instance' AND state = 'open' AND next_at_ms IS NOT NULL
ON CONFLICT (task, subject) DO NOTHING;
