-- A lane that does not say when the first of its deliveries is due. From one lane of the agenda to the next leads
-- the index, so that this costs the same however many wait in each.
WITH RECURSIVE waiting (lane) AS (
  SELECT min(lane) FROM agenda_$ WHERE lane IS NOT NULL
  UNION ALL
  SELECT (SELECT min(agenda_$.lane) FROM agenda_$ WHERE agenda_$.lane > waiting.lane) FROM waiting
  WHERE waiting.lane IS NOT NULL
), known (lane) AS (
  SELECT lane FROM waiting WHERE lane IS NOT NULL UNION SELECT lane FROM lanes_$
)
SELECT known.lane FROM known
WHERE (SELECT lanes_$.due_at_ms FROM lanes_$ WHERE lanes_$.lane = known.lane)
  IS NOT (SELECT min(agenda_$.due_at_ms) FROM agenda_$ WHERE agenda_$.lane = known.lane AND agenda_$.state = 'due')
LIMIT 1;
