-- What is to be done, and when. Changed in the append's own transaction.
--
-- A CHECK says OR and not IN: of a list of three or more SQLite makes a table at each row, in memory that it takes and
-- gives back, and that cost more than the row.

-- name: agenda_table
-- A row for each task, and the indices by which the next of them is found.
CREATE TABLE agenda_$ (
  task      TEXT    NOT NULL CHECK (task = 'poll' OR task = 'notify' OR task = 'deliver' OR task = 'replay'),
  subject   TEXT    NOT NULL, -- stream whose turn it is; for notify the position of the poll
  -- begun: an attempt's outcome is not recorded yet; behind: it waits for a delivery that it may not overtake
  state     TEXT    NOT NULL CHECK (state = 'due' OR state = 'begun' OR state = 'held' OR state = 'behind'),
  due_at_ms INTEGER NOT NULL, -- Unix time in UTC, milliseconds
  instance  INTEGER NOT NULL, -- 0 where it concerns none
  url       TEXT,             -- where a held delivery would go
  since     INTEGER NOT NULL, -- position of the event that put it here: of what is due at once the older goes first
  replay    INTEGER NOT NULL DEFAULT 0, -- the replay that a delivery is of; 0: of none
  made_at_ms INTEGER NOT NULL DEFAULT 0, -- when a delivery was due first: what was held goes on in this order
  is_tried  INTEGER NOT NULL DEFAULT 0 CHECK (is_tried IN (0, 1)), -- attempted since it was asked for or released
  lane      INTEGER,          -- of a delivery: its instance, or less than 0 its replay; null: not one
  held_for  TEXT,             -- of a held delivery: the kind of thing that it waits for, as delivery.held has it
  PRIMARY KEY (task, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX agenda_by_due_$ ON agenda_$ (task, state, due_at_ms, since);
CREATE INDEX agenda_by_lane_$ ON agenda_$ (lane, state, due_at_ms, since) WHERE lane IS NOT NULL;
CREATE INDEX agenda_by_instance_$ ON agenda_$ (instance, task);
CREATE INDEX agenda_by_replay_$ ON agenda_$ (replay, state, is_tried, due_at_ms) WHERE replay > 0;

-- What is held: by what it waits for, in the order in which it was made.
CREATE INDEX agenda_held_$ ON agenda_$ (url, since) WHERE state = 'held';
CREATE INDEX agenda_held_by_group_$ ON agenda_$ (url, instance, replay, since) WHERE state = 'held';
CREATE INDEX agenda_held_by_instance_$ ON agenda_$ (instance, replay, since) WHERE state = 'held' AND held_for <> 'failure-queued';
CREATE INDEX agenda_queued_$ ON agenda_$ (instance, since) WHERE held_for = 'failure-queued';

-- name: plan_poll
-- feed.opened, feed.updated, feed.enabled, poll.completed, poll.failed, cursor.expired, cursor.reset: the next
-- poll. What would be skipped when it is due is not planned: nothing would ever take it off the agenda. A poll
-- that began before somebody asked for one does not answer the poll request: the next is due at once.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'poll', :stream, 'due',
  max(iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_requested_at_ms, :body ->> 'next_at_ms'), not_before_ms),
  instance, NULL, :position
FROM feeds_$
WHERE feed = :body ->> 'feed' AND state = 'open'
  AND (:body ->> 'next_at_ms' IS NOT NULL OR poll_requested_at_ms > :body ->> 'started_at_ms')
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance)
ON CONFLICT (task, subject) DO UPDATE SET state = 'due', due_at_ms = excluded.due_at_ms;

-- name: replan_poll
-- feed.updated, poll.completed, poll.failed, cursor.expired, cursor.reset: off the agenda where it is no longer on
-- a schedule, and nobody asked for another poll.
DELETE FROM agenda_$ WHERE task = 'poll' AND subject = :stream AND :body ->> 'next_at_ms' IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM feeds_$ WHERE feed = :body ->> 'feed' AND poll_requested_at_ms > :body ->> 'started_at_ms');

-- name: expedite_poll
-- poll.requested: as soon as the provider allows; nothing where the feed is not polled at all.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'poll', :stream, 'due', max(:body ->> 'at_ms', not_before_ms), instance, NULL, :position
FROM feeds_$
WHERE feed = :body ->> 'feed' AND state = 'open'
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance)
ON CONFLICT (task, subject) DO UPDATE SET due_at_ms = min(due_at_ms, excluded.due_at_ms);

-- name: drop_poll
-- feed.closed, feed.disabled: it is not polled.
DELETE FROM agenda_$ WHERE task = 'poll' AND subject = :stream;

-- name: drop_polls_of_instance
-- instance.disabled, instance.deleted: none of its feeds is polled.
DELETE FROM agenda_$ WHERE instance = :body ->> 'instance' AND task = 'poll';

-- name: plan_polls_of_instance
-- instance.enabled: what is on a schedule.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'poll', 'feed/' || feed, 'due', max(min(:recorded_at_ms, next_at_ms), not_before_ms), instance, NULL, :position
FROM feeds_$ WHERE instance = :body ->> 'instance' AND state = 'open' AND next_at_ms IS NOT NULL
ON CONFLICT (task, subject) DO NOTHING;

-- name: plan_notify
-- poll.completed with changes: they are to be told. The poll’s own time: that of the log runs ahead after the
-- clock stepped back.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'notify', CAST(:position AS TEXT), 'due', :body ->> 'polled_at_ms', :body ->> 'instance', NULL, :position
WHERE :body ->> 'changes' > 0;

-- name: end_notify
-- delivery.requested: the last one of its poll or replay ends the task that asked for it.
DELETE FROM agenda_$
WHERE :body ->> 'place' + 1 = :body ->> 'places'
  AND task = iif(:body ->> 'replay' IS NULL, 'notify', 'replay')
  AND subject = iif(:body ->> 'replay' IS NULL, CAST(:cause AS TEXT), 'replay/' || (:body ->> 'replay'));

-- name: request_delivery
-- delivery.requested: it is due.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since, replay, made_at_ms, lane)
VALUES ('deliver', :stream, 'due', :body ->> 'due_at_ms', :body ->> 'instance', NULL, :position,
  coalesce(:body ->> 'replay', 0), :body ->> 'due_at_ms', coalesce(-(:body ->> 'replay'), :body ->> 'instance'));

-- name: begin_attempt
-- delivery.attempted: its outcome is not recorded yet.
UPDATE agenda_$ SET state = 'begun', is_tried = 1 WHERE task = 'deliver' AND subject = :stream;

-- name: retry_delivery
-- delivery.failed, delivery.unknown: it is due again, where it is tried again.
UPDATE agenda_$ SET state = 'due', due_at_ms = :body ->> 'retry_at_ms'
WHERE task = 'deliver' AND subject = :stream AND :body ->> 'retry_at_ms' IS NOT NULL;

-- name: hold_delivery
-- delivery.held: it waits for what the event names.
-- Revision 1 does not say what kind of thing that is.
UPDATE agenda_$ SET state = 'held', url = :body ->> 'url',
  held_for = coalesce(:body ->> 'kind', CASE
    WHEN :body ->> 'url' GLOB 'replay/*' THEN 'replay-stopped'
    WHEN :body ->> 'url' GLOB 'instance/*' THEN 'secrets-unreadable'
    ELSE 'callback-disabled' END)
WHERE task = 'deliver' AND subject = :stream;

-- name: release_delivery
-- delivery.released: it is due. What was held goes before whatever was asked for later and is due already; a
-- replay keeps the times that its rate gives it.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since, replay, made_at_ms, lane)
SELECT 'deliver', :stream, 'due', :body ->> 'due_at_ms', :body ->> 'instance', NULL, :position, named.replay,
  :body ->> 'due_at_ms', iif(named.replay > 0, -named.replay, :body ->> 'instance')
FROM (SELECT iif(instr(:stream, '/replay/') > 0,
  CAST(substr(:stream, instr(:stream, '/replay/') + 8) AS INTEGER), 0) AS replay) AS named
WHERE true
ON CONFLICT (task, subject) DO UPDATE SET state = 'due', url = NULL, held_for = NULL, is_tried = 0,
  due_at_ms = iif(replay > 0, excluded.due_at_ms, min(excluded.due_at_ms, made_at_ms));

-- name: close_delivery
-- delivery.succeeded, delivery.exhausted, delivery.skipped: there is nothing more to do.
DELETE FROM agenda_$ WHERE task = 'deliver' AND subject = :stream;

-- name: stand_behind
-- delivery.requested, delivery.failed, delivery.unknown, delivery.released: what is due waits for those just before it.
UPDATE agenda_$ SET state = 'behind'
WHERE task = 'deliver' AND subject = :stream AND +state = 'due' AND EXISTS (
  SELECT 1 FROM turns_$ AS mine
  WHERE mine.subject = :stream AND 'held' <> (
    SELECT coalesce((SELECT entry.state FROM agenda_$ AS entry WHERE entry.task = 'deliver' AND entry.subject = ahead.subject), 'held')
    FROM turns_$ AS ahead
    WHERE ahead.lane = mine.lane AND ahead.thing = mine.thing
      AND (ahead.sequence, ahead.since) < (mine.sequence, mine.since)
    ORDER BY ahead.sequence DESC, ahead.since DESC LIMIT 1));

-- name: place_followers
-- delivery.requested, delivery.held, delivery.released: those just after it wait for it, or no longer.
UPDATE agenda_$ SET state = iif(EXISTS (
  SELECT 1 FROM turns_$ AS mine
  WHERE mine.subject = agenda_$.subject AND 'held' <> (
    SELECT coalesce((SELECT entry.state FROM agenda_$ AS entry WHERE entry.task = 'deliver' AND entry.subject = ahead.subject), 'held')
    FROM turns_$ AS ahead
    WHERE ahead.lane = mine.lane AND ahead.thing = mine.thing
      AND (ahead.sequence, ahead.since) < (mine.sequence, mine.since)
    ORDER BY ahead.sequence DESC, ahead.since DESC LIMIT 1)), 'behind', 'due')
WHERE task = 'deliver' AND (+state = 'due' OR +state = 'behind') AND subject IN (
  SELECT (
    SELECT later.subject FROM turns_$ AS later
    WHERE later.lane = own.lane AND later.thing = own.thing
      AND (later.sequence, later.since) > (own.sequence, own.since)
    ORDER BY later.sequence, later.since LIMIT 1)
  FROM turns_$ AS own WHERE own.subject = :stream);

-- name: free_followers
-- delivery.succeeded, delivery.exhausted, delivery.skipped: those just after it, unless they wait for another as well.
UPDATE agenda_$ SET state = 'due'
WHERE task = 'deliver' AND +state = 'behind' AND subject IN (
  SELECT (
    SELECT later.subject FROM turns_$ AS later
    WHERE later.lane = own.lane AND later.thing = own.thing
      AND (later.sequence, later.since) > (own.sequence, own.since)
    ORDER BY later.sequence, later.since LIMIT 1)
  FROM turns_$ AS own WHERE own.subject = :stream)
  AND NOT EXISTS (
  SELECT 1 FROM turns_$ AS mine
  WHERE mine.subject = agenda_$.subject AND 'held' <> (
    SELECT coalesce((SELECT entry.state FROM agenda_$ AS entry WHERE entry.task = 'deliver' AND entry.subject = ahead.subject), 'held')
    FROM turns_$ AS ahead
    WHERE ahead.lane = mine.lane AND ahead.thing = mine.thing
      AND (ahead.sequence, ahead.since) < (mine.sequence, mine.since) AND ahead.subject <> :stream
    ORDER BY ahead.sequence DESC, ahead.since DESC LIMIT 1));

-- name: expedite_deliveries
-- instance.deleted: what is pending or held is due now, to be skipped with its reason. Led by the instance: what
-- waits of all others may be much.
UPDATE agenda_$ INDEXED BY agenda_by_instance_$ SET state = 'due', due_at_ms = min(due_at_ms, :recorded_at_ms)
WHERE instance = :body ->> 'instance' AND task = 'deliver' AND state IN ('due', 'held', 'behind');

-- name: plan_replay
-- replay.requested, and replay.resumed where not everything was asked for yet: it asks for deliveries.
INSERT INTO agenda_$ (task, subject, state, due_at_ms, instance, url, since)
SELECT 'replay', :stream, 'due', :body ->> 'due_at_ms', 0, NULL, :position
FROM replays_$
WHERE replay = CAST(substr(:stream, 8) AS INTEGER) AND requested < notifications
ON CONFLICT (task, subject) DO NOTHING;

-- name: pace_replay
-- delivery.requested: its replay asks for more as it comes due.
UPDATE agenda_$ SET due_at_ms = :body ->> 'due_at_ms'
WHERE task = 'replay' AND subject = 'replay/' || (:body ->> 'replay');

-- name: drop_replay
-- replay.stopped, replay.completed: it asks for no more.
DELETE FROM agenda_$ WHERE task = 'replay' AND subject = :stream;

-- name: step_clock
-- clock.stepped: what is due moves with the clock.
UPDATE agenda_$ SET due_at_ms = due_at_ms + (:body ->> 'by_ms'), made_at_ms = made_at_ms + (:body ->> 'by_ms');
