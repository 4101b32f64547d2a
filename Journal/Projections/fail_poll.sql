-- poll.failed. The next poll keeps to Retry-After; without a next one, the time of the log has to do.
UPDATE feeds_$ SET failures = :body ->> 'failures', next_at_ms = :body ->> 'next_at_ms',
  poll_request = iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_request, NULL),
  poll_requested_at_ms = iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_requested_at_ms, NULL),
  not_before_ms = iif(:body ->> 'retry_after_ms' IS NULL, 0,
    coalesce(:body ->> 'next_at_ms' - :body ->> 'jitter_ms', :recorded_at_ms + (:body ->> 'retry_after_ms')))
WHERE feed = :body ->> 'feed';
