SELECT name, sealed, expires_at_ms FROM secrets WHERE owner = :owner ORDER BY name;
