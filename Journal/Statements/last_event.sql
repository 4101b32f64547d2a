SELECT position FROM events WHERE position < :position ORDER BY position DESC LIMIT 1;
