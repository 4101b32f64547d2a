-- A file of archived events: a database of its own, written once and only read from then on. Journal/README.md draws it.

-- The one row that says which part of which log it is.
CREATE TABLE archive (
  journal  TEXT    NOT NULL,                               -- 32 hexadecimal digits, as in journal.created
  first    INTEGER NOT NULL CHECK (first >= 1),            -- the first position in it
  last     INTEGER NOT NULL CHECK (last >= first),         -- the last
  previous BLOB    NOT NULL CHECK (length(previous) = 32), -- digest of the event before the first; zeros before position 1
  digest   BLOB    NOT NULL CHECK (length(digest) = 32)    -- digest of the last: what the journal goes on from
) STRICT;

-- Events that follow each other, deflated together.
CREATE TABLE blocks (
  first        INTEGER PRIMARY KEY,                           -- the first position in it
  last         INTEGER NOT NULL,                              -- the last
  previous     BLOB    NOT NULL CHECK (length(previous) = 32), -- digest of the event before the first
  digest       BLOB    NOT NULL CHECK (length(digest) = 32),  -- digest of the last; those between follow from the rows
  length_bytes INTEGER NOT NULL,                              -- of the rows before they were deflated
  content      BLOB    NOT NULL                               -- zlib, as in RFC 1950
) STRICT;

-- Where a stream's events stand.
CREATE TABLE parts (
  stream TEXT    NOT NULL,
  first  INTEGER NOT NULL, -- the first version of the stream in the block
  last   INTEGER NOT NULL, -- the last
  block  INTEGER NOT NULL, -- first position of the block
  PRIMARY KEY (stream, first)
) STRICT, WITHOUT ROWID;
