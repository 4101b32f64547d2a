-- URLs that somebody switched, then and now: each row from the event since to the event until; until null: it
-- still is. Follows the log by position.

-- name: callbacks_table
-- A row for each time that a URL was switched.
CREATE TABLE callbacks_$ (
  url           TEXT    NOT NULL,
  since         INTEGER NOT NULL,
  until         INTEGER,
  state         TEXT    NOT NULL CHECK (state IN ('enabled', 'disabled')),
  reason        TEXT,             -- null: nobody said why
  changed_at_ms INTEGER NOT NULL,
  PRIMARY KEY (url, since)
) STRICT;

-- name: newest_callback_row
-- The newest row of a URL: it is in force unless it has ended.
SELECT rowid, url, since, until, state, reason, changed_at_ms
FROM callbacks_$ WHERE url = :url ORDER BY since DESC LIMIT 1;

-- name: put_callback_row
-- callback.disabled, callback.enabled: a row as the fold has it.
INSERT INTO callbacks_$ (url, since, until, state, reason, changed_at_ms)
VALUES (:url, :since, :until, :state, :reason, :changed_at_ms);

-- name: end_callback_row
-- callback.disabled, callback.enabled: a row that was written ends.
UPDATE callbacks_$ SET until = :until WHERE rowid = :row;
