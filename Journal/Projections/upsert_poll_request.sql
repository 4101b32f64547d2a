-- poll.requested: where the feed is polled at all
UPDATE feeds_$ SET poll_request = :position, poll_requested_at_ms = :body ->> 'at_ms'
WHERE feed = :body ->> 'feed' AND state = 'open'
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance);
