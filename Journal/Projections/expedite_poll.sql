-- poll.requested: as soon as the provider allows; nothing where the feed is not polled at all
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'poll', :stream, 'due', max(:body ->> 'at_ms', not_before_ms), instance, NULL, :position
FROM feeds_$
WHERE feed = :body ->> 'feed' AND state = 'open'
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance)
ON CONFLICT (task, subject) DO UPDATE SET due_at_ms = min(due_at_ms, excluded.due_at_ms);
