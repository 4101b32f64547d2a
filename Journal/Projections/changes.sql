-- What changed at Google. Follows the log by position.

-- name: changes_table
-- A row for each change.
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

-- name: changes_indices
-- What folding itself does not need: a rebuild makes these after the rows.
CREATE INDEX IF NOT EXISTS changes_by_object_$ ON changes_$ (object_id);
CREATE INDEX IF NOT EXISTS changes_by_instance_$ ON changes_$ (instance);

-- name: add_change
-- change.observed: one row each.
INSERT INTO changes_$ (position, instance, feed, resource, object_type, kind, object_id, object, date_ms, polled_at_ms,
  cause, item, length_bytes)
VALUES (:position, :body ->> 'instance', :body ->> 'feed', :body ->> 'resource',
  coalesce(:body ->> 'object_type', :body ->> 'resource'), :body ->> 'kind',
  coalesce(:body ->> 'object_id', :body ->> 'object'), :body ->> 'object', :body ->> 'date_ms',
  :body ->> 'polled_at_ms', :cause, :body ->> 'item', :body ->> 'bytes');
