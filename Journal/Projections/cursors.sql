-- How far feeds have read, then and now: each row from the event since to the event until; until null: it still
-- is. A quiet poll, which leaves the cursor where it was, begins no row: the one in force says when the last of them
-- was, and of those before it the log does. Follows the log by position.

-- name: cursors_table
-- A row for each event that made a feed other, but for quiet polls.
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
  quiet       INTEGER,          -- position of the last quiet poll since then; null: none
  quiet_polled_at_ms INTEGER,   -- when that was read to its end
  quiet_next_at_ms   INTEGER,   -- when the next is due after it
  PRIMARY KEY (feed, since)
) STRICT;

-- name: cursors_indices
-- What folding itself does not need: a rebuild makes these after the rows.
CREATE INDEX IF NOT EXISTS cursors_live_$ ON cursors_$ (instance, resource) WHERE until IS NULL;

-- A list in order of feeds would go through the whole past of each.
CREATE INDEX IF NOT EXISTS cursors_live_by_feed_$ ON cursors_$ (feed) WHERE until IS NULL;

-- name: newest_cursor_row
-- The newest row of a feed: it is in force unless it has ended.
SELECT rowid, feed, since, until, instance, resource, collection, state, mode, cursor, moved_at_ms,
  polled_at_ms, failures, reason, next_at_ms, quiet, quiet_polled_at_ms, quiet_next_at_ms
FROM cursors_$ WHERE feed = :feed ORDER BY since DESC LIMIT 1;

-- name: put_cursor_row
-- feed.*, poll.completed, poll.failed, cursor.*: a row as the fold has it.
INSERT INTO cursors_$ (feed, since, until, instance, resource, collection, state, mode, cursor, moved_at_ms,
  polled_at_ms, failures, reason, next_at_ms, quiet, quiet_polled_at_ms, quiet_next_at_ms)
VALUES (:feed, :since, :until, :instance, :resource, :collection, :state, :mode, :cursor, :moved_at_ms,
  :polled_at_ms, :failures, :reason, :next_at_ms, :quiet, :quiet_polled_at_ms, :quiet_next_at_ms);

-- name: end_cursor_row
-- feed.*, poll.completed, poll.failed, cursor.*: a row that was written ends.
UPDATE cursors_$ SET until = :until WHERE rowid = :row;

-- name: amend_cursor_row
-- poll.completed: a quiet one is noted in the row in force.
UPDATE cursors_$ SET quiet = :quiet, quiet_polled_at_ms = :quiet_polled_at_ms, quiet_next_at_ms = :quiet_next_at_ms
WHERE rowid = :row;

-- name: step_clock_of_cursors
-- clock.stepped: what is true now, not what was true before. As of a time between a step and the next quiet poll the
-- view of the past says what the poll before the step said.
UPDATE cursors_$ SET next_at_ms = iif(quiet IS NULL, next_at_ms + (:body ->> 'by_ms'), next_at_ms),
  quiet_next_at_ms = quiet_next_at_ms + (:body ->> 'by_ms')
WHERE until IS NULL AND (next_at_ms IS NOT NULL OR quiet_next_at_ms IS NOT NULL);
