-- The deliveries that came of an event, in order of the log.
WITH RECURSIVE later (position) AS (
  SELECT :position
  UNION
  SELECT effects.effect FROM later CROSS JOIN effects ON effects.cause = later.position
)
SELECT events.position FROM later CROSS JOIN events ON events.position = later.position
WHERE events.type = 'delivery.requested' ORDER BY events.position;
