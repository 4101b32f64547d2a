-- cursor.expired, cursor.reset. A baseline that a person asks for announces nothing.
UPDATE feeds_$ SET mode = coalesce(:body ->> 'mode', 'comparison'),
  next_at_ms = :body ->> 'next_at_ms', moved = :position, announce_from_ms = NULL
WHERE feed = :body ->> 'feed';
