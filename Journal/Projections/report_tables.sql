-- What people ask about. Follows the log by position. Rows carry the positions since and until which
-- they were true; until null: they still are.
CREATE TABLE entries_$ (
  position       INTEGER PRIMARY KEY,
  type           TEXT    NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  instance       INTEGER, -- null where it concerns none
  feed           INTEGER,
  object         TEXT     -- objectId of a change
) STRICT;

CREATE TABLE effects_$ (
  cause  INTEGER NOT NULL, -- every parent of an event: a notification has up to ten
  effect INTEGER NOT NULL,
  PRIMARY KEY (cause, effect)
) STRICT, WITHOUT ROWID;

CREATE TABLE instances_$ (
  instance       INTEGER NOT NULL,
  since          INTEGER NOT NULL,
  until          INTEGER,
  created_at_ms  INTEGER NOT NULL,
  name           TEXT    NOT NULL,
  element        TEXT    NOT NULL,
  state          TEXT    NOT NULL CHECK (state IN ('enabled', 'disabled', 'deleted')),
  reason         TEXT,             -- why it is disabled or deleted
  callback       TEXT,
  settings       TEXT    NOT NULL, -- JSON, without secrets
  authorization  TEXT    NOT NULL CHECK (authorization IN ('none', 'granted', 'refused')),
  expires_at_ms  INTEGER,          -- of the access token
  PRIMARY KEY (instance, since)
) STRICT;

CREATE TABLE cursors_$ (
  feed        INTEGER NOT NULL,
  since       INTEGER NOT NULL,
  until       INTEGER,
  instance    INTEGER NOT NULL,
  resource    TEXT    NOT NULL,
  collection  TEXT,
  state       TEXT    NOT NULL, -- as in feeds
  mode        TEXT    NOT NULL, -- of the next poll
  cursor      TEXT,
  moved_at_ms INTEGER,
  polled_at_ms INTEGER,         -- the last poll that was read to its end
  failures    INTEGER NOT NULL,
  reason      TEXT,             -- of the last failure, or why it is closed
  next_at_ms  INTEGER,
  PRIMARY KEY (feed, since)
) STRICT;

CREATE TABLE changes_$ (
  position     INTEGER PRIMARY KEY,
  instance     INTEGER NOT NULL,
  feed         INTEGER NOT NULL,
  resource     TEXT    NOT NULL,
  object_type  TEXT    NOT NULL, -- the resource, with the calendar's id in place of a literal {calendarId}
  kind         TEXT    NOT NULL,
  object_id    TEXT    NOT NULL,
  object       TEXT    NOT NULL, -- the provider's own id
  date_ms      INTEGER NOT NULL,
  polled_at_ms INTEGER NOT NULL,
  cause        INTEGER NOT NULL, -- its poll
  item         TEXT,             -- digest of the object's bytes, hexadecimal
  length_bytes INTEGER NOT NULL
) STRICT;

CREATE TABLE deliveries_$ (
  delivery     TEXT    NOT NULL, -- stream without its first word
  since        INTEGER NOT NULL,
  until        INTEGER,
  position     INTEGER NOT NULL, -- of its delivery.requested
  notification TEXT    NOT NULL,
  instance     INTEGER NOT NULL,
  feed         INTEGER NOT NULL,
  resource     TEXT    NOT NULL,
  url          TEXT,             -- where the last attempt went, or where a replay goes
  status       TEXT    NOT NULL CHECK (status IN
    ('pending', 'attempting', 'succeeded', 'failed', 'unknown', 'held', 'exhausted', 'skipped')),
  attempts     INTEGER NOT NULL,
  last_status  INTEGER,          -- HTTP status of the last answer
  last_error   TEXT,             -- why the last attempt failed, or the delivery was skipped
  next_at_ms   INTEGER,
  change_count INTEGER NOT NULL,
  mode         TEXT    NOT NULL,
  replay       INTEGER,
  body         TEXT    NOT NULL, -- digest, hexadecimal
  length_bytes INTEGER NOT NULL,
  PRIMARY KEY (delivery, since)
) STRICT;

CREATE TABLE callbacks_$ (
  url           TEXT    NOT NULL,
  since         INTEGER NOT NULL,
  until         INTEGER,
  state         TEXT    NOT NULL CHECK (state IN ('enabled', 'disabled')),
  reason        TEXT    NOT NULL,
  changed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (url, since)
) STRICT;

CREATE TABLE notices_$ (
  position     INTEGER PRIMARY KEY, -- of its notice.raised
  stream       TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  subject      TEXT    NOT NULL,
  instance     INTEGER,
  text         TEXT    NOT NULL,
  opened_at_ms INTEGER NOT NULL,
  closed_at_ms INTEGER,
  until        INTEGER              -- position of its notice.closed
) STRICT;

CREATE INDEX notices_by_stream_$ ON notices_$ (stream);
