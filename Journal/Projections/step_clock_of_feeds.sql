-- clock.stepped: the provider's Retry-After moves as well, and when somebody asked for a poll
UPDATE feeds_$ SET next_at_ms = next_at_ms + (:body ->> 'by_ms'),
  poll_requested_at_ms = poll_requested_at_ms + (:body ->> 'by_ms'),
  not_before_ms = iif(not_before_ms = 0, 0, max(0, not_before_ms + (:body ->> 'by_ms')));
