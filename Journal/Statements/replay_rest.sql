-- Of a replay's deliveries: how many are held, and whether any is under way or waits for its turn. Who failed and
-- waits for a later rung of the ladder had a turn; who was held since and released has another.
SELECT (SELECT count(*) FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'held'),
  EXISTS (SELECT 1 FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'begun')
  OR EXISTS (SELECT 1 FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'due' AND is_tried = 0)
  OR EXISTS (SELECT 1 FROM agenda_$
    WHERE replay = :replay AND replay > 0 AND state = 'due' AND is_tried = 1 AND due_at_ms <= :now_ms);
