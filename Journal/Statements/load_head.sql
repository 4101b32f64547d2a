SELECT position, recorded_at_ms, digest FROM events ORDER BY position DESC LIMIT 1;
