-- Events that were moved to files beside the journal, and those of them that stay in it. `main.` gives way to the
-- journal’s name on a connection.

-- name: list_archives
-- What was archived, the newest first; the stream of the journal itself is short.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM main.events WHERE stream = 'journal' AND type = 'journal.archived' ORDER BY version DESC;

-- name: archived_columns
-- The table `events` as it is asked where events were archived.
CREATE TABLE events (
  position INTEGER, stream TEXT, version INTEGER, type TEXT, revision INTEGER, recorded_at_ms INTEGER, cause INTEGER,
  key TEXT, body TEXT, digest BLOB) STRICT;

-- name: stand_before_events
-- A name of one connection that stands before the journal’s own: the log with what was archived, up to the event as of
-- which is asked.
CREATE VIRTUAL TABLE IF NOT EXISTS temp.events USING daybook_events;

-- name: stand_for_all_events
-- The same to the head, whatever is asked.
CREATE VIRTUAL TABLE IF NOT EXISTS temp.whole_events USING daybook_events;

-- name: kept_by_position
-- Events in the journal itself, in the order of the log.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM main.events WHERE position BETWEEN :low AND :high ORDER BY position;

-- name: kept_by_position_back
-- The same, the newest first.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM main.events WHERE position BETWEEN :low AND :high ORDER BY position DESC;

-- name: kept_of_stream
-- Events of a stream in the journal itself, in their order.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM main.events WHERE version BETWEEN :low AND :high AND stream = :name ORDER BY version;

-- name: kept_of_stream_back
-- The same, the newest first.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM main.events WHERE version BETWEEN :low AND :high AND stream = :name ORDER BY version DESC;

-- name: kept_by_key
-- The event that came with a key: it always stays.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM main.events WHERE position BETWEEN :low AND :high AND key = :name;

-- name: last_kept
-- The head.
SELECT max(position) FROM main.events;

-- name: last_kept_of_stream
-- The version that a stream is at: its last event always stays.
SELECT max(version) FROM main.events WHERE stream = :name;

-- name: archivable
-- Events that need not stay when they have been archived. What work may ask for stays: the last event of each stream,
-- what came with a key, open deliveries with what they tell of, polls that are not told yet; and what is rare stays as
-- well.
event.position BETWEEN :first AND :last AND event.key IS NULL
AND event.type IN ('poll.requested', 'poll.completed', 'poll.failed', 'change.observed',
  'delivery.requested', 'delivery.attempted', 'delivery.succeeded', 'delivery.failed', 'delivery.unknown',
  'delivery.held', 'delivery.released', 'delivery.exhausted', 'delivery.skipped')
AND event.version < (SELECT max(latest.version) FROM main.events AS latest WHERE latest.stream = event.stream)
AND NOT EXISTS (SELECT 1 FROM agenda_$ WHERE task = 'deliver' AND subject = event.stream)
AND event.position NOT IN (
  SELECT asked.cause FROM agenda_$ AS open
  CROSS JOIN main.events AS asked ON asked.stream = open.subject AND asked.version = 1
  WHERE open.task = 'deliver' AND asked.cause IS NOT NULL
  UNION ALL
  SELECT told.value FROM agenda_$ AS open
  CROSS JOIN main.events AS asked ON asked.stream = open.subject AND asked.version = 1
  CROSS JOIN json_each(asked.body, '$.changes') AS told WHERE open.task = 'deliver'
  UNION ALL
  SELECT CAST(subject AS INTEGER) FROM agenda_$ WHERE task = 'notify'
  UNION ALL
  SELECT told.effect FROM agenda_$ AS open
  CROSS JOIN effects_$ AS told ON told.cause = CAST(open.subject AS INTEGER) WHERE open.task = 'notify')

-- name: count_archivable
-- How many these are.
SELECT count(*) FROM main.events AS event WHERE @archivable;

-- name: remove_archived
-- Takes them out of the journal. The trigger that keeps others from it is out of force meanwhile.
DELETE FROM main.events AS event WHERE @archivable;

-- name: count_kept
-- How many events of a part of the log are in the journal itself.
SELECT count(*) FROM main.events WHERE position BETWEEN :first AND :last;

-- name: archive_row
-- Which part of the log a file of archived events is.
SELECT journal, first, last, previous, digest FROM archive;

-- name: put_archive_row
-- Says it.
INSERT INTO archive (journal, first, last, previous, digest) VALUES (:journal, :first, :last, :previous, :digest);

-- name: put_block
-- Adds a block.
INSERT INTO blocks (first, last, previous, digest, length_bytes, content)
VALUES (:first, :last, :previous, :digest, :length_bytes, :content);

-- name: put_part
-- Says where a stream's events stand.
INSERT INTO parts (stream, first, last, block) VALUES (:stream, :first, :last, :block);

-- name: block_at
-- The block that holds a position, if any does.
SELECT first, last, previous, digest, length_bytes, content FROM blocks WHERE first <= :position ORDER BY first DESC LIMIT 1;

-- name: block_of_stream
-- Where a version of a stream stands.
SELECT block, last FROM parts WHERE stream = :stream AND first <= :version ORDER BY first DESC LIMIT 1;
