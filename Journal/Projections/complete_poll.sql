-- poll.completed
UPDATE feeds_$ SET mode = 'changes', cursor = :body ->> 'cursor_after', failures = 0, not_before_ms = 0,
  looked_at_ms = :body ->> 'started_at_ms', moved_at_ms = :body ->> 'polled_at_ms', next_at_ms = :body ->> 'next_at_ms',
  moved = :position, announce_from_ms = NULL, asked = iif(asked_at_ms > :body ->> 'started_at_ms', asked, NULL)
WHERE feed = :body ->> 'feed';
