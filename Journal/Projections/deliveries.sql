-- Deliveries as they were and are: each row from the event since to the event until; until null: it still is.
-- Follows the log by position.

-- name: deliveries_table
-- A row for each event that made a delivery other.
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
  status       TEXT    NOT NULL CHECK (
    status = 'pending' OR status = 'attempting' OR status = 'succeeded' OR status = 'failed'
    OR status = 'unknown' OR status = 'held' OR status = 'exhausted' OR status = 'skipped'),
  attempts     INTEGER NOT NULL,
  last_status  INTEGER,          -- HTTP status of the last answer
  last_error   TEXT,             -- why the last attempt failed, or the delivery was skipped
  next_at_ms   INTEGER,
  change_count INTEGER NOT NULL,
  mode         TEXT    NOT NULL,
  replay       INTEGER,
  body         TEXT    NOT NULL, -- digest, hexadecimal
  length_bytes INTEGER NOT NULL,
  requested_at_ms    INTEGER NOT NULL, -- when its delivery.requested was recorded
  last_attempt_at_ms INTEGER,          -- when its last attempt was recorded; null: none was made
  finished_at_ms     INTEGER,          -- when it succeeded, was exhausted or skipped; null: it goes on
  duration_ms        INTEGER,          -- of the last attempt; null while it is under way or unknown
  PRIMARY KEY (delivery, since)
) STRICT;

-- name: deliveries_indices
-- What folding itself does not need: a rebuild makes these after the rows.
CREATE INDEX IF NOT EXISTS deliveries_live_$ ON deliveries_$ (position) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_live_by_status_$ ON deliveries_$ (status, position) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_live_by_instance_$ ON deliveries_$ (instance, position) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_by_position_$ ON deliveries_$ (position, since);
CREATE INDEX IF NOT EXISTS deliveries_by_replay_$ ON deliveries_$ (replay, position) WHERE replay IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_live_by_notification_$ ON deliveries_$ (notification, position) WHERE until IS NULL;

-- name: newest_delivery_row
-- The newest row of a delivery: it is in force unless it has ended.
SELECT rowid, delivery, since, until, position, notification, instance, feed, resource, url, status, attempts,
  last_status, last_error, next_at_ms, change_count, mode, replay, body, length_bytes,
  requested_at_ms, last_attempt_at_ms, finished_at_ms, duration_ms
FROM deliveries_$ WHERE delivery = :delivery ORDER BY since DESC LIMIT 1;

-- name: put_delivery_row
-- delivery.*: a row as the fold has it.
INSERT INTO deliveries_$ (delivery, since, until, position, notification, instance, feed, resource, url, status,
  attempts, last_status, last_error, next_at_ms, change_count, mode, replay, body, length_bytes,
  requested_at_ms, last_attempt_at_ms, finished_at_ms, duration_ms)
VALUES (:delivery, :since, :until, :position, :notification, :instance, :feed, :resource, :url, :status,
  :attempts, :last_status, :last_error, :next_at_ms, :change_count, :mode, :replay, :body, :length_bytes,
  :requested_at_ms, :last_attempt_at_ms, :finished_at_ms, :duration_ms);

-- name: end_delivery_row
-- delivery.*: a row that was written ends.
UPDATE deliveries_$ SET until = :until WHERE rowid = :row;

-- name: step_clock_of_deliveries
-- clock.stepped: what is due moves with the clock.
UPDATE deliveries_$ SET next_at_ms = next_at_ms + (:body ->> 'by_ms')
WHERE until IS NULL AND status IN ('pending', 'failed', 'unknown') AND next_at_ms IS NOT NULL;
