-- What polls under way have kept so far; forgotten when they end. Scratch: no part of the log.
CREATE TABLE IF NOT EXISTS sightings (
  ticket INTEGER NOT NULL, -- which poll, as in staged; odd: its second listing
  object TEXT    NOT NULL,
  trait  INTEGER NOT NULL, -- what the listing went by, hashed; 0: all that there is
  PRIMARY KEY (ticket, object, trait)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS progress (
  ticket     INTEGER PRIMARY KEY,
  feed       INTEGER,          -- which poll may go on from here; null: one by hand, which nobody else goes on with
  moved      INTEGER NOT NULL, -- as in feeds: another position, and there is nothing to go on from
  kept_at_ms INTEGER NOT NULL,
  state      TEXT    NOT NULL  -- JSON, known to the program alone
) STRICT;
