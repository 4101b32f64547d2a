-- cursor.expired, cursor.reset
UPDATE feeds_$ SET mode = coalesce(:body ->> 'mode', 'comparison'),
  next_at_ms = :body ->> 'next_at_ms', moved = :position
WHERE feed = :body ->> 'feed';
