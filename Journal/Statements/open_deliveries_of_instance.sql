SELECT subject FROM agenda_$
WHERE task = 'deliver' AND state IN ('due', 'held') AND instance = :instance AND subject > :after
ORDER BY subject LIMIT :limit;
