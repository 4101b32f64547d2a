-- poll.completed. A poll_request that came while it was under way is still open.
UPDATE feeds_$ SET mode = 'changes', cursor = :body ->> 'cursor_after', failures = 0, not_before_ms = 0,
  looked_at_ms = :body ->> 'started_at_ms', moved_at_ms = :body ->> 'polled_at_ms', next_at_ms = :body ->> 'next_at_ms',
  moved = :position, announce_from_ms = NULL,
  poll_request = iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_request, NULL),
  poll_requested_at_ms = iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_requested_at_ms, NULL)
WHERE feed = :body ->> 'feed';
