AND closed_at_ms IS NULL
