-- How callbacks have fared lately. Changed in the append's own transaction; what replays send does not count.

-- name: health_table
-- A row for each URL that ever failed.
CREATE TABLE health_$ (
  url              TEXT    NOT NULL PRIMARY KEY,
  failures         INTEGER NOT NULL, -- since it took something; 0: it has not failed since
  given_up         INTEGER NOT NULL, -- deliveries that were given up since
  failing_since_ms INTEGER NOT NULL, -- Unix time in UTC, milliseconds: the first of these failures
  failed_at_ms     INTEGER NOT NULL, -- the last of them
  opened_at_ms     INTEGER,          -- when its breaker opened; null: it is closed
  wait_ms          INTEGER NOT NULL  -- how long after a failure an open breaker lets one through
) STRICT, WITHOUT ROWID;

CREATE INDEX health_failing_$ ON health_$ (url) WHERE failures > 0;
CREATE INDEX health_open_$ ON health_$ (url) WHERE opened_at_ms IS NOT NULL;

-- name: note_failure
-- delivery.failed: the attempt before it says where it went.
INSERT INTO health_$ (url, failures, given_up, failing_since_ms, failed_at_ms, opened_at_ms, wait_ms)
SELECT body ->> 'url', 1, 0, :recorded_at_ms, :recorded_at_ms, NULL, 0
FROM events WHERE position = :cause AND type = 'delivery.attempted'
ON CONFLICT (url) DO UPDATE SET
  failing_since_ms = iif(failures = 0, excluded.failing_since_ms, failing_since_ms),
  failed_at_ms = excluded.failed_at_ms, failures = failures + 1;

-- name: note_given_up
-- delivery.exhausted: its last attempt says where it went.
UPDATE health_$ SET given_up = given_up + 1
WHERE failures > 0 AND url = (
  SELECT attempt.body ->> 'url' FROM events AS outcome CROSS JOIN events AS attempt ON attempt.position = outcome.cause
  WHERE outcome.position = :cause);

-- name: note_success
-- delivery.succeeded: nothing has failed since. Where no URL fails, none is looked for.
UPDATE health_$ SET failures = 0, given_up = 0
WHERE EXISTS (SELECT 1 FROM health_$ WHERE failures > 0)
  AND failures > 0 AND url = (SELECT body ->> 'url' FROM events WHERE position = :cause);

-- name: open_breaker
-- breaker.opened: a failure was recorded before.
UPDATE health_$ SET opened_at_ms = :recorded_at_ms, wait_ms = :body ->> 'wait_ms' WHERE url = :body ->> 'url';

-- name: close_breaker
-- breaker.closed; and callback.disabled, callback.enabled: a person or the receiver has decided.
UPDATE health_$ SET opened_at_ms = NULL WHERE url = :body ->> 'url';

-- name: step_clock_of_health
-- clock.stepped: what has lasted lasts as long as before.
UPDATE health_$ SET failing_since_ms = failing_since_ms + (:body ->> 'by_ms'), failed_at_ms = failed_at_ms + (:body ->> 'by_ms');
