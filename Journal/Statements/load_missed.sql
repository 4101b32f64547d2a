SELECT object, tries, since_ms, next_at_ms FROM missed_$ WHERE feed = :feed ORDER BY object;
