-- delivery.requested: its replay asks for more as it comes due
UPDATE agenda_$ SET due_at_ms = :body ->> 'due_at_ms'
WHERE task = 'replay' AND subject = 'replay/' || (:body ->> 'replay');
