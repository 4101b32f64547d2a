-- What people search the log by. Follows the log by position.

-- name: entries_table
-- A row for each event.
CREATE TABLE entries_$ (
  position       INTEGER PRIMARY KEY,
  type           TEXT    NOT NULL,
  recorded_at_ms INTEGER NOT NULL,
  instance       INTEGER, -- null where it concerns none
  feed           INTEGER,
  object         TEXT     -- objectId of a change, or eventId of a notification
) STRICT;

-- name: entries_indices
-- What folding itself does not need: a rebuild makes these after the rows. Where position is the number of the
-- row, every index ends with it by itself.
CREATE INDEX IF NOT EXISTS entries_by_type_$ ON entries_$ (type);
CREATE INDEX IF NOT EXISTS entries_by_instance_$ ON entries_$ (instance) WHERE instance IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_by_feed_$ ON entries_$ (feed) WHERE feed IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_by_object_$ ON entries_$ (object) WHERE object IS NOT NULL;

-- The polls of a feed: the last one before an event is looked up.
CREATE INDEX IF NOT EXISTS entries_polls_$ ON entries_$ (feed) WHERE type = 'poll.completed';

-- name: enter_event
-- Every event; :feed is the one that it concerns, also where only its delivery says so.
INSERT INTO entries_$ (position, type, recorded_at_ms, instance, feed, object)
VALUES (:position, :type, :recorded_at_ms, :body ->> 'instance', :feed,
  coalesce(:body ->> 'object_id', :body ->> 'object', :body ->> 'event_id'));
