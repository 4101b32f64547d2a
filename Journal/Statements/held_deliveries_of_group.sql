-- The same of one instance, and of one replay of it or of none.
SELECT subject, since FROM agenda_$
WHERE state = 'held' AND url = :url AND instance = :instance AND replay = :replay AND since > :after
ORDER BY since LIMIT :limit;
