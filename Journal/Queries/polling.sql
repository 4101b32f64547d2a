-- Feeds as the next poll has to see them, and the objects that they know.

-- name: load_feed
-- A feed.
SELECT feed, instance, resource, url, collection_kind, collection, id_field, updated_field, interval_ms,
  state, mode, cursor, failures, not_before_ms, moved_at_ms, next_at_ms, moved, rules, roster,
  announce_from_ms, member, looked_at_ms, poll_request, poll_requested_at_ms
FROM feeds_$ WHERE feed = :feed;

-- name: load_feeds
-- The feeds of one instance, or of all. A range, so that those of one are not looked for among all.
SELECT feed, instance, resource, url, collection_kind, collection, id_field, updated_field, interval_ms,
  state, mode, cursor, failures, not_before_ms, moved_at_ms, next_at_ms, moved, rules, roster,
  announce_from_ms, member, looked_at_ms, poll_request, poll_requested_at_ms
FROM feeds_$
WHERE instance >= coalesce(:instance, 0) AND instance <= coalesce(:instance, 9223372036854775807) ORDER BY feed;

-- name: load_object
-- An object as its feed knows it.
SELECT revision, series, is_gone, object_id FROM objects_$ WHERE feed = :feed AND object = :object;

-- name: is_paused
-- Whether an instance is disabled or deleted.
SELECT 1 FROM paused_$ WHERE instance = :instance;

-- name: load_missed
-- What a feed could not have or read so far.
SELECT object, tries, since_ms, next_at_ms FROM missed_$ WHERE feed = :feed ORDER BY object;

-- name: count_objects
-- How many objects of a feed are there.
SELECT count(*) FROM objects_$ WHERE feed = :feed AND is_gone = 0;

-- name: count_absent
-- How many objects are known that a listing did not see.
SELECT count(*) FROM objects_$ AS known
WHERE feed = :feed AND is_gone = 0
  AND NOT EXISTS (SELECT 1 FROM sightings AS seen WHERE seen.ticket = :ticket AND seen.object = known.object);

-- name: list_absent
-- A page of the objects that are known and that a listing did not see.
SELECT object, revision, series, object_id FROM objects_$ AS known
WHERE feed = :feed AND is_gone = 0 AND object > :after
  AND NOT EXISTS (SELECT 1 FROM sightings AS seen WHERE seen.ticket = :ticket AND seen.object = known.object)
ORDER BY object LIMIT :limit;

-- name: list_differing
-- What a listing saw that is not known, or is known with other traits: they are the second word of the revision.
SELECT seen.object, known.revision FROM (
  SELECT object, printf('%x', sum(trait)) AS traits FROM sightings
  WHERE ticket = :ticket AND object > :after GROUP BY object) AS seen
LEFT JOIN objects_$ AS known ON known.feed = :feed AND known.object = seen.object AND known.is_gone = 0
WHERE known.revision IS NULL OR substr(known.revision, instr(known.revision, ' ') + 1) <> seen.traits
ORDER BY seen.object LIMIT :limit;
