-- The causes of an event, all that came of it, and itself. depth: below 0 before it, above 0 after it.
-- Each way stops at :limit events and 200 steps.
WITH RECURSIVE before (position, depth) AS (
  SELECT :position, 0
  UNION
  SELECT effects.cause, before.depth - 1 FROM before
  CROSS JOIN effects ON effects.effect = before.position
  WHERE before.depth > -200
  ORDER BY 2 DESC LIMIT :limit
), later (position, depth) AS (
  SELECT :position, 0
  UNION
  SELECT effects.effect, later.depth + 1 FROM later
  CROSS JOIN effects ON effects.cause = later.position
  WHERE later.depth < 200
  ORDER BY 2 LIMIT :limit
), met (position, depth) AS (
  SELECT position, max(depth) FROM before GROUP BY position
  UNION ALL
  SELECT position, min(depth) FROM later WHERE depth > 0 GROUP BY position
)
SELECT events.position AS position, events.type AS type, events.stream AS stream, events.cause AS cause, met.depth AS depth,
  @summary AS summary
FROM met CROSS JOIN events ON events.position = met.position
ORDER BY events.position;
