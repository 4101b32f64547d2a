-- feed.closed, feed.disabled, feed.enabled
UPDATE feeds_$ SET
  state = CASE :type WHEN 'feed.closed' THEN 'closed' WHEN 'feed.disabled' THEN 'disabled' ELSE 'open' END,
  failures = iif(:type = 'feed.enabled', 0, failures),
  next_at_ms = :body ->> 'next_at_ms'
WHERE feed = :body ->> 'feed';
