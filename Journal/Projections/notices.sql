-- What somebody should look at. Follows the log by position.

-- name: notices_table
-- A row for each notice; until is the event that closed it.
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

-- name: add_notice
-- notice.raised: it is open.
INSERT INTO notices_$ (position, stream, kind, subject, instance, text, opened_at_ms, closed_at_ms, until)
VALUES (:position, :stream, :body ->> 'kind', :body ->> 'subject', :body ->> 'instance', :body ->> 'text',
  :recorded_at_ms, NULL, NULL);

-- name: end_notice
-- notice.closed: it is open no more.
UPDATE notices_$ SET closed_at_ms = :recorded_at_ms, until = :position
WHERE stream = :stream AND until IS NULL;
