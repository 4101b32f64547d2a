-- Of a replay's deliveries: how many are held, and how many are under way or wait for their turn. Who failed and
-- waits for a later rung of the ladder had a turn; who was held since and released has another.
SELECT coalesce(sum(state = 'held'), 0),
  coalesce(sum(state = 'begun' OR state = 'due' AND (due_at_ms <= :now_ms OR NOT is_tried)), 0)
FROM agenda_$ WHERE replay = :replay AND replay > 0;
