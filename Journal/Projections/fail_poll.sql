-- poll.failed
UPDATE feeds_$ SET failures = :body ->> 'failures', next_at_ms = :body ->> 'next_at_ms',
  not_before_ms = coalesce(:recorded_at_ms + (:body ->> 'retry_after_ms'), 0)
WHERE feed = :body ->> 'feed';
