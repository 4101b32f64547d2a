-- What is kept under seal for a stream.

-- name: put_secret
-- Keeps a secret in the place of the one that had its name.
INSERT INTO secrets (owner, name, sealed, look_up, expires_at_ms)
VALUES (:owner, :name, :sealed, :look_up, :expires_at_ms)
ON CONFLICT (owner, name) DO UPDATE SET
  sealed = excluded.sealed, look_up = excluded.look_up, expires_at_ms = excluded.expires_at_ms;

-- name: reseal_secret
-- Seals it anew; all else stays.
UPDATE secrets SET sealed = :sealed WHERE owner = :owner AND name = :name;

-- name: drop_secrets
-- Drops one secret of an owner, or all.
DELETE FROM secrets WHERE owner = :owner AND (:name IS NULL OR name = :name);

-- name: load_secrets
-- What is kept for an owner, by name.
SELECT name, sealed, expires_at_ms FROM secrets WHERE owner = :owner ORDER BY name;

-- name: list_secrets
-- All that is kept, for all.
SELECT owner, name, sealed, look_up, expires_at_ms FROM secrets ORDER BY owner, name;

-- name: clear_secrets
-- Nothing is kept any more, until others are put in their place.
DELETE FROM secrets;

-- name: load_secret
-- One of them.
SELECT sealed, expires_at_ms FROM secrets WHERE owner = :owner AND name = :name;

-- name: find_secret_owner
-- The owner of a token, by its SHA-256.
SELECT owner FROM secrets WHERE look_up = :look_up;

-- name: list_secret_owners
-- Everybody for whom something is kept.
SELECT DISTINCT owner FROM secrets ORDER BY owner;

-- name: has_secrets
-- Whether anything is kept.
SELECT EXISTS (SELECT 1 FROM secrets);
