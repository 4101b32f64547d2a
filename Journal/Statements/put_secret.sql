INSERT INTO secrets (owner, name, sealed, look_up, expires_at_ms)
VALUES (:owner, :name, :sealed, :look_up, :expires_at_ms)
ON CONFLICT (owner, name) DO UPDATE SET
  sealed = excluded.sealed, look_up = excluded.look_up, expires_at_ms = excluded.expires_at_ms;
