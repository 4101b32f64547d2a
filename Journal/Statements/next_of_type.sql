SELECT position FROM entries WHERE type = :type AND position > :position ORDER BY position LIMIT 1;
