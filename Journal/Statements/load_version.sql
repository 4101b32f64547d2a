SELECT version FROM events WHERE stream = :stream ORDER BY version DESC LIMIT 1;
