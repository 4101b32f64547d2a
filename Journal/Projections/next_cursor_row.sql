-- feed.*, poll.completed, poll.failed, cursor.*
INSERT INTO cursors_$ (feed, since, until, instance, resource, collection, state, mode, cursor, moved_at_ms,
  polled_at_ms, failures, reason, next_at_ms)
SELECT feed, :position, NULL, instance, resource, collection,
  CASE :type WHEN 'feed.closed' THEN 'closed' WHEN 'feed.disabled' THEN 'disabled'
    WHEN 'feed.enabled' THEN 'open' ELSE state END,
  CASE :type WHEN 'poll.completed' THEN 'changes' WHEN 'cursor.expired' THEN 'comparison'
    WHEN 'cursor.reset' THEN :body ->> 'mode' ELSE mode END,
  iif(:type = 'poll.completed', :body ->> 'cursor_after', cursor),
  iif(:type = 'poll.completed', :body ->> 'polled_at_ms', moved_at_ms),
  iif(:type = 'poll.completed', :body ->> 'polled_at_ms', polled_at_ms),
  CASE WHEN :type = 'poll.failed' THEN :body ->> 'failures'
    WHEN :type IN ('poll.completed', 'feed.enabled') THEN 0 ELSE failures END,
  CASE WHEN :type IN ('poll.completed', 'feed.enabled') THEN NULL
    WHEN :type = 'poll.failed' THEN (:body ->> 'reason') || ': ' || (:body ->> 'text')
    ELSE coalesce(:body ->> 'reason', reason) END,
  :body ->> 'next_at_ms'
FROM cursors_$ WHERE feed = :body ->> 'feed' AND until = :position;
