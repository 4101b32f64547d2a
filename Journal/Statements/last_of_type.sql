SELECT position FROM entries WHERE type = :type AND position < :position ORDER BY position DESC LIMIT 1;
