-- The event log. Appended to, never changed. What a digest covers: Journal/README.md.
CREATE TABLE events (
  position       INTEGER PRIMARY KEY,                          -- order of writing: 1, 2, 3, … without gaps
  stream         TEXT    NOT NULL,                             -- 'journal', 'instance/1', 'feed/7', 'delivery/…', 'replay/3'
  version        INTEGER NOT NULL CHECK (version >= 1),        -- order within the stream, without gaps
  type           TEXT    NOT NULL,                             -- 'poll.completed'; see CATALOGUE.md
  revision       INTEGER NOT NULL CHECK (revision >= 1),       -- shape of body for this type
  recorded_at_ms INTEGER NOT NULL,                             -- Unix time in UTC, milliseconds; never less than the row before
  cause          INTEGER CHECK (cause < position),             -- the fact that led to this one; null where a person, a program or the clock did
  key            TEXT    UNIQUE,                               -- a request from outside: repeated, it answers the first positions and writes nothing
  body           TEXT    NOT NULL,                             -- JSON, small: numbers, opaque ids, digests, the operator's own settings
  digest         BLOB    NOT NULL CHECK (length(digest) = 32), -- SHA-256 of the previous digest and this row
  UNIQUE (stream, version)
) STRICT;

CREATE TRIGGER events_are_ours BEFORE INSERT ON events
WHEN daybook_appends() IS NOT 1
BEGIN
  SELECT RAISE(ABORT, 'events: only Daybook appends');
END;

-- INSERT OR REPLACE deletes without firing a DELETE trigger, so what exists is refused here.
CREATE TRIGGER events_have_no_gap BEFORE INSERT ON events
BEGIN
  SELECT CASE
    WHEN new.position IS NOT (SELECT coalesce(max(position), 0) + 1 FROM events)
      THEN RAISE(ABORT, 'events: a position is the one after the last')
    WHEN new.version IS NOT (SELECT coalesce(max(version), 0) + 1 FROM events WHERE stream = new.stream)
      THEN RAISE(ABORT, 'events: a version is the one after the last of its stream')
    WHEN new.recorded_at_ms < (SELECT recorded_at_ms FROM events WHERE position = new.position - 1)
      THEN RAISE(ABORT, 'events: time never steps back')
    WHEN new.key IS NOT NULL AND EXISTS (SELECT 1 FROM events WHERE key = new.key)
      THEN RAISE(ABORT, 'events: a key is used once')
  END;
END;

CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN
  SELECT RAISE(ABORT, 'events: a fact is never changed');
END;

CREATE TRIGGER events_never_go BEFORE DELETE ON events
BEGIN
  SELECT RAISE(ABORT, 'events: a fact is never deleted');
END;
