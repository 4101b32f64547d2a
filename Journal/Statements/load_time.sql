SELECT recorded_at_ms FROM events WHERE position = :position;
