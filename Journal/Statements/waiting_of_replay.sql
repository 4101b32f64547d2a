-- Deliveries of a replay that wait for their turn, in the order of their names.
SELECT subject FROM agenda_$
WHERE task = 'deliver' AND state = 'due' AND subject > :after
  AND substr(subject, nullif(instr(subject, '/replay/'), 0)) = '/replay/' || :replay
ORDER BY subject LIMIT :limit;
