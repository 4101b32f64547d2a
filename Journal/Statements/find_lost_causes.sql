-- Causes that are not before their effect.
SELECT position FROM events WHERE cause >= position OR cause < 1 ORDER BY position LIMIT 100;
