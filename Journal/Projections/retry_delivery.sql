-- delivery.failed, delivery.unknown
UPDATE agenda_$ SET state = 'due', due_at_ms = :body ->> 'retry_at_ms'
WHERE task = 'deliver' AND subject = :stream AND :body ->> 'retry_at_ms' IS NOT NULL;
