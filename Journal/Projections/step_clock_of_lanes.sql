-- clock.stepped: what is due moves with the clock
UPDATE lanes_$ SET due_at_ms = due_at_ms + (:body ->> 'by_ms') WHERE due_at_ms IS NOT NULL;
