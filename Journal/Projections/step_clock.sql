-- clock.stepped: what is due moves with the clock
UPDATE agenda_$ SET due_at_ms = due_at_ms + (:body ->> 'by_ms'), made_at_ms = made_at_ms + (:body ->> 'by_ms');
