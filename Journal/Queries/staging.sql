-- What a long poll has read so far: payloads, and the objects that it saw.

-- name: stage_payload
-- Keeps a payload of a poll after those that it has.
INSERT INTO staged (ticket, place, digest, salt, kind, form, length_bytes, content)
VALUES (:ticket, (SELECT coalesce(max(place), 0) + 1 FROM staged WHERE ticket = :ticket),
  :digest, :salt, :kind, :form, :length_bytes, :content);

-- name: keep_staged
-- Makes payloads of what a poll has kept, in the order in which it did.
INSERT INTO payloads (digest, salt, kind, form, length_bytes, content)
SELECT digest, salt, kind, form, length_bytes, content FROM staged WHERE ticket = :ticket ORDER BY place;

-- name: count_staged
-- How many payloads a poll has kept.
SELECT count(*) FROM staged WHERE ticket = :ticket;

-- name: trim_staged
-- Drops the payloads of a poll that it kept after its last progress.
DELETE FROM staged WHERE ticket = :ticket AND place > :most;

-- name: drop_staged
-- Drops the payloads of a poll.
DELETE FROM staged WHERE ticket = :ticket;

-- name: drop_lost_staged
-- Drops the payloads of polls of which no progress is kept.
DELETE FROM staged WHERE ticket NOT IN (SELECT ticket FROM progress);

-- name: put_progress
-- Keeps how far a poll has come.
INSERT INTO progress (ticket, feed, moved, kept_at_ms, state) VALUES (:ticket, :feed, :moved, :kept_at_ms, :state)
ON CONFLICT (ticket) DO UPDATE SET kept_at_ms = excluded.kept_at_ms, state = excluded.state;

-- name: load_progress
-- How far the last poll of a feed has come that began where the feed still is. To sort the one row that there may be
-- would make a table for it at each poll.
SELECT ticket, kept_at_ms, state FROM progress
WHERE feed = :feed AND moved = :moved
  AND kept_at_ms = (SELECT max(kept_at_ms) FROM progress WHERE feed = :feed AND moved = :moved)
LIMIT 1;

-- name: drop_progress
-- Drops how far a poll has come.
DELETE FROM progress WHERE ticket = :ticket;

-- name: drop_old_progress
-- Drops what no poll can go on from: the feed has moved, or it is too old.
DELETE FROM progress WHERE kept_at_ms < :before_ms
  OR feed IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM feeds_$ WHERE feeds_$.feed = progress.feed AND feeds_$.moved = progress.moved AND state = 'open');

-- name: add_seen_object
-- Notes an object that a listing saw, with one trait; twice is once.
INSERT INTO sightings (ticket, object, trait) VALUES (:ticket, :object, :trait) ON CONFLICT DO NOTHING;

-- name: join_seen_objects
-- Adds what one listing saw to another.
INSERT INTO sightings (ticket, object, trait)
SELECT :other, object, trait FROM sightings WHERE ticket = :ticket
ON CONFLICT DO NOTHING;

-- name: list_sighted
-- What a listing saw, with the sum of the traits that it saw each by.
SELECT object, sum(trait) FROM sightings WHERE ticket = :ticket AND object > :after
GROUP BY object ORDER BY object LIMIT :limit;

-- name: drop_seen_objects
-- Drops what both listings of a poll saw.
DELETE FROM sightings WHERE ticket IN (:ticket, :ticket + 1);

-- name: drop_second_listing
-- Drops what the second listing of a poll saw.
DELETE FROM sightings WHERE ticket = :ticket + 1;

-- name: drop_lost_seen_objects
-- Drops what polls saw of which no progress is kept.
DELETE FROM sightings WHERE ticket - ticket % 2 NOT IN (SELECT ticket FROM progress);

-- name: drop_all_staged
-- Drops what all polls under way have kept; they begin anew.
DELETE FROM staged;

-- name: drop_all_progress
-- Drops how far all polls have come.
DELETE FROM progress;

-- name: drop_all_seen_objects
-- Drops what all polls saw.
DELETE FROM sightings;
