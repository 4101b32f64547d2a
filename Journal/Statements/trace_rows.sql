-- A page of a trace. :met is JSON: [[position,depth],…].
SELECT events.position AS position, events.type AS type, events.stream AS stream, events.cause AS cause,
  met.value ->> 1 AS depth, @summary AS summary
FROM json_each(:met) AS met CROSS JOIN events ON events.position = met.value ->> 0
ORDER BY met.key;
