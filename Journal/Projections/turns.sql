-- Which open delivery goes before which: for each thing that may not be overtaken, the deliveries that tell of it in the
-- order of their numbers. Changed in the append's own transaction.
--
-- Of two that tell of one thing the later is `behind` on the agenda while the one just before it is due or under way. While
-- that one is held, the later is due: whoever looks at it holds it as well. So each change of one delivery concerns its
-- next ones alone, one for each thing, however many wait.

-- name: turns_table
-- A row for each thing that an open delivery tells of.
CREATE TABLE turns_$ (
  lane     INTEGER NOT NULL, -- an instance, or less than 0 a replay
  thing    TEXT    NOT NULL, -- the objectType and objectId of a change, as a receiver knows them; empty: all of a strict lane
  sequence INTEGER NOT NULL, -- as the receiver gets it
  since    INTEGER NOT NULL, -- position of its delivery.requested
  subject  TEXT    NOT NULL, -- stream of the delivery
  PRIMARY KEY (lane, thing, sequence, since)
) STRICT, WITHOUT ROWID;

CREATE INDEX turns_by_subject_$ ON turns_$ (subject);

-- name: take_turns
-- delivery.requested: it has its place for each of its things.
INSERT OR IGNORE INTO turns_$ (lane, thing, sequence, since, subject)
SELECT coalesce(-(:body ->> 'replay'), :body ->> 'instance'), thing, :body ->> 'sequence', :position, :stream
FROM (
  SELECT coalesce(told.body ->> 'object_type', told.body ->> 'resource') || ' '
    || coalesce(told.body ->> 'object_id', told.body ->> 'object') AS thing
  FROM json_each(:body ->> 'changes') AS change
  CROSS JOIN events AS told ON told.position = change.value AND told.type = 'change.observed'
  UNION ALL SELECT '' WHERE :body ->> 'order' = 'strict')
WHERE :body ->> 'order' IS NOT 'none';

-- name: take_turns_again
-- delivery.released: the same where it was closed.
INSERT OR IGNORE INTO turns_$ (lane, thing, sequence, since, subject)
SELECT coalesce(-(asked.body ->> 'replay'), asked.body ->> 'instance'), thing, asked.body ->> 'sequence', asked.position,
  :stream
FROM events AS asked
CROSS JOIN (
  SELECT coalesce(told.body ->> 'object_type', told.body ->> 'resource') || ' '
    || coalesce(told.body ->> 'object_id', told.body ->> 'object') AS thing
  FROM events AS first
  CROSS JOIN json_each(first.body, '$.changes') AS change
  CROSS JOIN events AS told ON told.position = change.value AND told.type = 'change.observed'
  WHERE first.stream = :stream AND first.version = 1
  UNION ALL SELECT '' FROM events AS first
  WHERE first.stream = :stream AND first.version = 1 AND first.body ->> 'order' = 'strict')
WHERE asked.stream = :stream AND asked.version = 1 AND asked.type = 'delivery.requested'
  AND asked.body ->> 'order' IS NOT 'none'
  AND NOT EXISTS (SELECT 1 FROM turns_$ WHERE subject = :stream);

-- name: leave_turns
-- delivery.succeeded, delivery.exhausted, delivery.skipped: nobody waits for it.
DELETE FROM turns_$ WHERE subject = :stream;
