-- The causes of an event, all that came of it, and itself, in order of the log. depth: below 0 before it, above 0 after
-- it. A cause is always older than its effect, so both ways end.
WITH RECURSIVE before (position, depth) AS (
  SELECT :position, 0 WHERE EXISTS (SELECT 1 FROM events WHERE position = :position)
  UNION
  SELECT effects.cause, before.depth - 1 FROM before
  CROSS JOIN effects ON effects.effect = before.position
), later (position, depth) AS (
  SELECT :position, 0
  UNION
  SELECT effects.effect, later.depth + 1 FROM later
  CROSS JOIN effects ON effects.cause = later.position
), met (position, depth) AS (
  SELECT position, max(depth) FROM before GROUP BY position
  UNION ALL
  SELECT position, min(depth) FROM later WHERE depth > 0 GROUP BY position
)
SELECT position, depth FROM met ORDER BY position;
