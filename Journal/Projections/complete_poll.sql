-- poll.completed. A wish that came while it was under way is still open.
UPDATE feeds_$ SET mode = 'changes', cursor = :body ->> 'cursor_after', failures = 0, not_before_ms = 0,
  looked_at_ms = :body ->> 'started_at_ms', moved_at_ms = :body ->> 'polled_at_ms', next_at_ms = :body ->> 'next_at_ms',
  moved = :position, announce_from_ms = NULL,
  wish = iif(wished_at_ms > :body ->> 'started_at_ms', wish, NULL),
  wished_at_ms = iif(wished_at_ms > :body ->> 'started_at_ms', wished_at_ms, NULL)
WHERE feed = :body ->> 'feed';
