SELECT position FROM events WHERE position > :position ORDER BY position LIMIT 1;
