-- clock.stepped
UPDATE deliveries_$ SET next_at_ms = next_at_ms + (:body ->> 'by_ms')
WHERE until IS NULL AND status IN ('pending', 'failed', 'unknown') AND next_at_ms IS NOT NULL;
