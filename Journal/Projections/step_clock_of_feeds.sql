-- clock.stepped
UPDATE feeds_$ SET next_at_ms = next_at_ms + (:body ->> 'by_ms');
