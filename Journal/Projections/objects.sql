-- The objects that a feed knows. Changed in the append's own transaction.

-- name: objects_table
-- Known objects: an object in here was announced, or was there at the baseline.
CREATE TABLE objects_$ (
  feed      INTEGER NOT NULL,
  object    TEXT    NOT NULL, -- the provider's own id
  revision  TEXT    NOT NULL,
  series    TEXT,             -- the series that it is an occurrence of
  is_gone   INTEGER NOT NULL CHECK (is_gone IN (0, 1)), -- a cancelled occurrence, kept while its series lives
  object_id TEXT,             -- the value at idField, where it is not the provider's id
  PRIMARY KEY (feed, object)
) STRICT, WITHOUT ROWID;

CREATE INDEX objects_by_series_$ ON objects_$ (feed, series) WHERE series IS NOT NULL;

-- name: upsert_object
-- change.observed: created and updated.
INSERT INTO objects_$ (feed, object, revision, series, is_gone, object_id)
SELECT :body ->> 'feed', :body ->> 'object', :body ->> 'revision', :body ->> 'series', 0, :body ->> 'object_id'
WHERE :body ->> 'kind' <> 'DELETED'
ON CONFLICT (feed, object) DO UPDATE SET
  revision = excluded.revision, series = excluded.series, is_gone = excluded.is_gone,
  object_id = excluded.object_id;

-- name: upsert_cancelled_object
-- change.observed: a cancelled occurrence of a series that is there.
INSERT INTO objects_$ (feed, object, revision, series, is_gone, object_id)
SELECT :body ->> 'feed', :body ->> 'object', :body ->> 'revision', :body ->> 'series', 1, :body ->> 'object_id'
WHERE :body ->> 'kind' = 'DELETED'
  AND EXISTS (SELECT 1 FROM objects_$ WHERE feed = :body ->> 'feed' AND object = :body ->> 'series')
ON CONFLICT (feed, object) DO UPDATE SET
  revision = excluded.revision, series = excluded.series, is_gone = excluded.is_gone,
  object_id = excluded.object_id;

-- name: upsert_objects
-- poll.completed of a baseline: what was there. CROSS JOIN keeps the order of the pages: what was seen last
-- counts.
INSERT INTO objects_$ (feed, object, revision, series, is_gone, object_id)
SELECT :body ->> 'feed', item.value ->> 0, item.value ->> 1, item.value ->> 2, coalesce(item.value ->> 3, 0),
  item.value ->> 4
FROM json_each(:body, '$.manifests') AS manifest
CROSS JOIN payloads ON payloads.digest = daybook_bytes(manifest.value)
CROSS JOIN json_each(CAST(payloads.content AS TEXT)) AS item
WHERE true
ON CONFLICT (feed, object) DO UPDATE SET
  revision = excluded.revision, series = excluded.series, is_gone = excluded.is_gone,
  object_id = excluded.object_id;

-- name: remove_object
-- change.observed: deleted; a cancelled occurrence stays known as long as its series is there.
DELETE FROM objects_$
WHERE feed = :body ->> 'feed' AND :body ->> 'kind' = 'DELETED' AND object = :body ->> 'object'
  AND NOT EXISTS (
    SELECT 1 FROM objects_$ AS master
    WHERE master.feed = :body ->> 'feed' AND master.object = :body ->> 'series');

-- name: delete_occurrences
-- change.observed: a series takes its cancelled occurrences with it. Led by the series: a calendar may hold much.
DELETE FROM objects_$ INDEXED BY objects_by_series_$
WHERE feed = :body ->> 'feed' AND series = :body ->> 'object' AND is_gone = 1
  AND :body ->> 'kind' = 'DELETED' AND :body ->> 'series' IS NULL;

-- name: delete_objects
-- feed.closed, and poll.completed of a baseline: nothing is known any more.
DELETE FROM objects_$
WHERE feed = :body ->> 'feed' AND (:type = 'feed.closed' OR :body ->> 'mode' = 'baseline');
