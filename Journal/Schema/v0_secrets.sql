-- Sealed with AES-256-GCM under a key outside the database. Not part of the log.
CREATE TABLE secrets (
  owner          TEXT    NOT NULL,                            -- the stream that it belongs to: 'instance/1'
  name           TEXT    NOT NULL,                            -- 'oauth.api.secret', 'access_token', …
  sealed         BLOB    NOT NULL,                            -- nonce, ciphertext and tag; owner and name are authenticated with it
  look_up        BLOB,                                        -- SHA-256 of an element token; null for all others
  expires_at_ms  INTEGER,                                     -- Unix time in UTC, milliseconds; null: no known end
  PRIMARY KEY (owner, name)
) STRICT;

CREATE UNIQUE INDEX secrets_by_look_up ON secrets (look_up) WHERE look_up IS NOT NULL;
