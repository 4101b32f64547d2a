INSERT INTO progress (ticket, feed, moved, kept_at_ms, state) VALUES (:ticket, :feed, :moved, :kept_at_ms, :state)
ON CONFLICT (ticket) DO UPDATE SET kept_at_ms = excluded.kept_at_ms, state = excluded.state;
