SELECT position FROM events WHERE key = :key;
