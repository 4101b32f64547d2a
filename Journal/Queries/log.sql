-- The log itself: events by position, stream, type and key.

-- name: append_event
-- Appends an event; the triggers of the table check it.
INSERT INTO main.events (position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest)
VALUES (:position, :stream, :version, :type, :revision, :recorded_at_ms, :cause, :key, :body, :digest);

-- name: load_head
-- The last event: what the next one follows.
SELECT position, recorded_at_ms, digest FROM events ORDER BY position DESC LIMIT 1;

-- name: load_version
-- The version that a stream is at.
SELECT version FROM events WHERE stream = :stream ORDER BY version DESC LIMIT 1;

-- name: load_event
-- One event.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM events WHERE position = :position;

-- name: load_after
-- A page of the log in the order of writing.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM events WHERE position > :after ORDER BY position LIMIT :limit;

-- name: list_digests
-- The digests of a part of the log, in order.
SELECT digest FROM events WHERE position > :after AND position <= :until ORDER BY position;

-- name: load_stream
-- A page of one stream in the order of its versions.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM events WHERE stream = :stream AND version > :after ORDER BY version LIMIT :limit;

-- name: load_time
-- When an event was recorded.
SELECT recorded_at_ms FROM events WHERE position = :position;

-- name: find_key
-- The event that a request appended which came with this key.
SELECT position FROM events WHERE key = :key;

-- name: type_of_version
-- The type of one event of a stream.
SELECT type FROM events WHERE stream = :stream AND version = :version;

-- name: sum_streams
-- Streams whose versions have gaps or do not begin with 1.
SELECT stream FROM events GROUP BY stream HAVING min(version) <> 1 OR max(version) <> count(*) LIMIT 100;

-- name: last_event
-- The event before one.
SELECT position FROM events WHERE position < :position ORDER BY position DESC LIMIT 1;

-- name: next_event
-- The event after one.
SELECT position FROM events WHERE position > :position ORDER BY position LIMIT 1;

-- name: last_of_type
-- The last event of a type before one.
SELECT position FROM entries WHERE type = :type AND position < :position ORDER BY position DESC LIMIT 1;

-- name: next_of_type
-- The first event of a type after one.
SELECT position FROM entries WHERE type = :type AND position > :position ORDER BY position LIMIT 1;

-- name: last_clock_step
-- The newest clock.stepped; the stream of the journal itself is short.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM events WHERE stream = 'journal' AND type = 'clock.stepped' ORDER BY version DESC LIMIT 1;

-- name: last_ids
-- The highest instance and feed so far, from their streams: ids are never given twice.
SELECT
  (SELECT coalesce(max(CAST(substr(stream, 10) AS INTEGER)), 0) FROM main.events
    WHERE stream > 'instance/' AND stream < 'instance0'),
  (SELECT coalesce(max(feed), 0) FROM feeds_$);

-- name: latest_poll
-- The latest end of a poll, by its own clock. The last thousand events are enough: polls are most of them.
SELECT max(body ->> 'polled_at_ms') FROM main.events
WHERE position > max(:position, (SELECT max(position) FROM main.events) - 1000) AND type = 'poll.completed';
