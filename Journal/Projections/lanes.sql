-- The deliveries that wait of one instance or replay are one lane. Changed in the append's own transaction.

-- name: lanes_table
-- When the first of a lane comes due, so that to find the next costs the same however many wait, and in however
-- many lanes.
CREATE TABLE lanes_$ (
  lane      INTEGER PRIMARY KEY, -- an instance, or less than 0 a replay
  due_at_ms INTEGER              -- Unix time in UTC, milliseconds; null: nothing waits
) STRICT;

CREATE INDEX lanes_by_due_$ ON lanes_$ (due_at_ms) WHERE due_at_ms IS NOT NULL;

-- name: move_lane
-- delivery.requested, delivery.attempted, delivery.failed, delivery.unknown, delivery.held, delivery.released,
-- delivery.skipped: the next of its lane may be another.
INSERT INTO lanes_$ (lane, due_at_ms)
SELECT mine, (SELECT min(due_at_ms) FROM agenda_$ WHERE lane = mine AND state = 'due')
FROM (SELECT coalesce(-CAST(substr(:stream, nullif(instr(:stream, '/replay/'), 0) + 8) AS INTEGER), :body ->> 'instance') AS mine)
WHERE true
ON CONFLICT (lane) DO UPDATE SET due_at_ms = excluded.due_at_ms WHERE due_at_ms IS NOT excluded.due_at_ms;

-- name: move_lane_of_freed
-- delivery.succeeded, delivery.exhausted: the same where the statement before has let others go on.
INSERT INTO lanes_$ (lane, due_at_ms)
SELECT mine, (SELECT min(due_at_ms) FROM agenda_$ WHERE lane = mine AND state = 'due')
FROM (SELECT coalesce(-CAST(substr(:stream, nullif(instr(:stream, '/replay/'), 0) + 8) AS INTEGER), :body ->> 'instance') AS mine)
WHERE changes() > 0
ON CONFLICT (lane) DO UPDATE SET due_at_ms = excluded.due_at_ms WHERE due_at_ms IS NOT excluded.due_at_ms;

-- name: set_lane
-- The same for a lane that is named.
INSERT INTO lanes_$ (lane, due_at_ms)
VALUES (:lane, (SELECT min(due_at_ms) FROM agenda_$ WHERE lane = :lane AND state = 'due'))
ON CONFLICT (lane) DO UPDATE SET due_at_ms = excluded.due_at_ms WHERE due_at_ms IS NOT excluded.due_at_ms;

-- name: move_lanes_of_instance
-- instance.deleted: what waits of it, and what replays send of it, is due now.
INSERT INTO lanes_$ (lane, due_at_ms)
SELECT mine, (SELECT min(due_at_ms) FROM agenda_$ WHERE lane = mine AND state = 'due')
FROM (SELECT DISTINCT lane AS mine FROM agenda_$ INDEXED BY agenda_by_instance_$
  WHERE instance = :body ->> 'instance' AND task = 'deliver')
WHERE true
ON CONFLICT (lane) DO UPDATE SET due_at_ms = excluded.due_at_ms;

-- name: step_clock_of_lanes
-- clock.stepped: what is due moves with the clock.
UPDATE lanes_$ SET due_at_ms = due_at_ms + (:body ->> 'by_ms') WHERE due_at_ms IS NOT NULL;
