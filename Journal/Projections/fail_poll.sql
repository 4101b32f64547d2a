-- poll.failed. The next poll keeps to Retry-After; without a next one, the time of the log has to do.
UPDATE feeds_$ SET failures = :body ->> 'failures', next_at_ms = :body ->> 'next_at_ms',
  wish = iif(wished_at_ms > :body ->> 'started_at_ms', wish, NULL),
  wished_at_ms = iif(wished_at_ms > :body ->> 'started_at_ms', wished_at_ms, NULL),
  not_before_ms = iif(:body ->> 'retry_after_ms' IS NULL, 0,
    coalesce(:body ->> 'next_at_ms' - :body ->> 'jitter_ms', :recorded_at_ms + (:body ->> 'retry_after_ms')))
WHERE feed = :body ->> 'feed';
