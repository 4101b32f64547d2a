-- Objects that a feed could not have or read so far. Changed in the append's own transaction.

-- name: missed_table
-- Objects that could not be had or read, and are tried again.
CREATE TABLE missed_$ (
  feed        INTEGER NOT NULL,
  object      TEXT    NOT NULL, -- the provider's own id, or what stands for it
  tries       INTEGER NOT NULL CHECK (tries >= 1), -- in a row
  since_ms    INTEGER,          -- of a feed polled by dates: since when the poll looked that missed it first
  next_at_ms  INTEGER NOT NULL, -- Unix time in UTC, milliseconds
  PRIMARY KEY (feed, object)
) STRICT, WITHOUT ROWID;

-- name: upsert_missed
-- object.missed: one more try has failed.
INSERT INTO missed_$ (feed, object, tries, since_ms, next_at_ms)
VALUES (:body ->> 'feed', :body ->> 'object', :body ->> 'tries', :body ->> 'since_ms', :body ->> 'next_at_ms')
ON CONFLICT (feed, object) DO UPDATE SET tries = excluded.tries, next_at_ms = excluded.next_at_ms;

-- name: delete_missed
-- object.settled, and feed.closed: it is not tried again.
DELETE FROM missed_$
WHERE feed = :body ->> 'feed' AND (:type = 'feed.closed' OR object = :body ->> 'object');

-- name: step_clock_of_missed
-- clock.stepped: when an object is tried again moves as well.
UPDATE missed_$ SET next_at_ms = next_at_ms + (:body ->> 'by_ms');
