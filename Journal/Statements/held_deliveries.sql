-- What waits for one thing, in the order in which it was made.
SELECT subject, since FROM agenda_$ WHERE state = 'held' AND url = :url AND since > :after
ORDER BY since LIMIT :limit;
