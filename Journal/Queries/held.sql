-- Deliveries that are set aside, by what they wait for.

-- name: next_held_group
-- What is held, a group at a time: what for, whose, of which replay, and the kind of what it waits for. One probe,
-- however many a group has.
SELECT url, instance, replay, held_for FROM agenda_$
WHERE state = 'held' AND (url, instance, replay) > (:url, :instance, :replay)
ORDER BY url, instance, replay LIMIT 1;

-- name: held_deliveries
-- What waits for one thing, in the order in which it was made.
SELECT subject, since FROM agenda_$ WHERE state = 'held' AND url = :url AND since > :after
ORDER BY since LIMIT :limit;

-- name: held_deliveries_of_group
-- The same of one instance, and of one replay of it or of none.
SELECT subject, since FROM agenda_$
WHERE state = 'held' AND url = :url AND instance = :instance AND replay = :replay AND since > :after
ORDER BY since LIMIT :limit;

-- name: count_held
-- How many deliveries wait for one thing.
SELECT count(*) FROM agenda_$ WHERE state = 'held' AND url = :url;

-- name: held_ahead
-- A delivery that is held and that another may not overtake: the one just before it.
SELECT subject, url, held_for FROM agenda_$
WHERE task = 'deliver' AND +state = 'held' AND subject IN (
  SELECT (
    SELECT ahead.subject FROM turns_$ AS ahead
    WHERE ahead.lane = mine.lane AND ahead.thing = mine.thing
      AND (ahead.sequence, ahead.since) < (mine.sequence, mine.since)
    ORDER BY ahead.sequence DESC, ahead.since DESC LIMIT 1)
  FROM turns_$ AS mine WHERE mine.subject = :subject)
LIMIT 1;

-- name: count_older_held
-- Whether something older is held that goes the way of a delivery and should be let go first: of the same instance and
-- replay whatever it waits for, for the same URL, or of the same replay of another instance. And whether something older of
-- the instance is queued after a failure, which waits for a person.
SELECT EXISTS (
    SELECT 1 FROM agenda_$ AS held
    WHERE held.state = 'held' AND held.held_for <> 'failure-queued'
      AND held.instance = mine.instance AND held.replay = mine.replay AND held.since < mine.since)
  OR EXISTS (
    SELECT 1 FROM agenda_$ AS held WHERE held.state = 'held' AND held.url = :url AND held.since < mine.since)
  OR mine.replay > 0 AND EXISTS (
    SELECT 1 FROM agenda_$ AS held
    WHERE held.state = 'held' AND held.url = 'replay/' || mine.replay AND held.since < mine.since),
  EXISTS (
    SELECT 1 FROM agenda_$ AS queued
    WHERE queued.held_for = 'failure-queued' AND queued.instance = mine.instance AND queued.since < mine.since)
FROM (SELECT since, instance, replay FROM agenda_$ WHERE task = 'deliver' AND subject = :subject) AS mine;
