-- Instances as they were and are: each row from the event since to the event until; until null: it still is.
-- Follows the log by position.

-- name: instances_table
-- A row for each event that made an instance other.
CREATE TABLE instances_$ (
  instance       INTEGER NOT NULL,
  since          INTEGER NOT NULL,
  until          INTEGER,
  created_at_ms  INTEGER NOT NULL,
  name           TEXT    NOT NULL,
  element        TEXT    NOT NULL,
  state          TEXT    NOT NULL CHECK (state = 'enabled' OR state = 'disabled' OR state = 'deleted'),
  reason         TEXT,             -- why it is disabled or deleted
  callback       TEXT,
  settings       TEXT    NOT NULL, -- JSON, without secrets
  authorization  TEXT    NOT NULL CHECK (authorization = 'none' OR authorization = 'granted' OR authorization = 'refused'),
  expires_at_ms  INTEGER,          -- of the access token
  PRIMARY KEY (instance, since)
) STRICT;

-- name: instances_indices
-- What folding itself does not need: a rebuild makes these after the rows. A token that is refreshed each hour leaves a
-- row each time.
CREATE INDEX IF NOT EXISTS instances_live_$ ON instances_$ (instance) WHERE until IS NULL;

-- People call instances by their names.
CREATE INDEX IF NOT EXISTS instances_live_by_name_$ ON instances_$ (name) WHERE until IS NULL;

-- name: newest_instance_row
-- The newest row of an instance: it is in force unless it has ended.
SELECT rowid, instance, since, until, created_at_ms, name, element, state, reason, callback, settings,
  authorization, expires_at_ms
FROM instances_$ WHERE instance = :instance ORDER BY since DESC LIMIT 1;

-- name: put_instance_row
-- instance.*, authorization.*: a row as the fold has it.
INSERT INTO instances_$ (instance, since, until, created_at_ms, name, element, state, reason, callback,
  settings, authorization, expires_at_ms)
VALUES (:instance, :since, :until, :created_at_ms, :name, :element, :state, :reason, :callback, :settings,
  :authorization, :expires_at_ms);

-- name: end_instance_row
-- instance.*, authorization.*: a row that was written ends.
UPDATE instances_$ SET until = :until WHERE rowid = :row;
