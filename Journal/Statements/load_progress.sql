SELECT ticket, kept_at_ms, state FROM progress WHERE feed = :feed AND moved = :moved ORDER BY kept_at_ms DESC LIMIT 1;
