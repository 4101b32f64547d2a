-- notice.closed
UPDATE notices_$ SET closed_at_ms = :recorded_at_ms, until = :position
WHERE stream = :stream AND until IS NULL;
