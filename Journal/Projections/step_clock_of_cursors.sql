-- clock.stepped: what is true now, not what was true before
UPDATE cursors_$ SET next_at_ms = next_at_ms + (:body ->> 'by_ms')
WHERE until IS NULL AND next_at_ms IS NOT NULL;
