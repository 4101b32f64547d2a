-- feed.opened, feed.updated, feed.enabled, poll.completed, poll.failed, cursor.expired, cursor.reset. What would be
-- skipped when it is due is not planned: nothing would ever take it off the agenda. A poll that began before
-- somebody asked for one does not answer the poll_request: the next is due at once.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'poll', :stream, 'due',
  max(iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_requested_at_ms, :body ->> 'next_at_ms'), not_before_ms),
  instance, NULL, :position
FROM feeds_$
WHERE feed = :body ->> 'feed' AND state = 'open'
  AND (:body ->> 'next_at_ms' IS NOT NULL OR poll_requested_at_ms > :body ->> 'started_at_ms')
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance)
ON CONFLICT (task, subject) DO UPDATE SET state = 'due', due_at_ms = excluded.due_at_ms;
