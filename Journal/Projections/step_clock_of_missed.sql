-- clock.stepped: when an object is tried again moves as well
UPDATE missed_$ SET next_at_ms = next_at_ms + (:body ->> 'by_ms');
