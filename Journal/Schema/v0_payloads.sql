-- Bytes exactly as received or sent, by salted digest, so that what is forgotten cannot be guessed back.
CREATE TABLE payloads (
  digest       BLOB    PRIMARY KEY CHECK (length(digest) = 32),           -- SHA-256 of salt and the whole bytes
  salt         BLOB    NOT NULL CHECK (length(salt) = 16),                -- goes when the bytes go
  kind         TEXT    NOT NULL CHECK (kind IN ('state', 'evidence')),    -- state: folds need it; evidence: only people do
  form         TEXT    NOT NULL CHECK (form IN ('bytes', 'recipe')),      -- recipe: pieces of text and digests of other payloads
  length_bytes INTEGER NOT NULL CHECK (length_bytes >= 0),                -- of the whole, also for a recipe
  content      BLOB    NOT NULL                                           -- the bytes, or the recipe as JSON
) STRICT;

CREATE TRIGGER payloads_are_ours BEFORE INSERT ON payloads
WHEN daybook_appends() IS NOT 1 OR EXISTS (SELECT 1 FROM payloads WHERE digest = new.digest)
BEGIN
  SELECT RAISE(ABORT, 'payloads: only Daybook adds, and each once');
END;

CREATE TRIGGER payloads_never_change BEFORE UPDATE ON payloads
BEGIN
  SELECT RAISE(ABORT, 'payloads: bytes are never changed');
END;

CREATE TRIGGER payloads_never_go BEFORE DELETE ON payloads
BEGIN
  SELECT RAISE(ABORT, 'payloads: bytes are not deleted');
END;

-- Payloads of a long poll that is still under way: they move to payloads with the append that tells of them.
CREATE TABLE staged (
  ticket       INTEGER NOT NULL, -- which poll
  place        INTEGER NOT NULL, -- order of staging
  digest       BLOB    NOT NULL,
  salt         BLOB    NOT NULL,
  kind         TEXT    NOT NULL,
  form         TEXT    NOT NULL,
  length_bytes INTEGER NOT NULL,
  content      BLOB    NOT NULL,
  PRIMARY KEY (ticket, place)
) STRICT;
