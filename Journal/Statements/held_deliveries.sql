SELECT subject FROM agenda_$ WHERE state = 'held' AND (url = :url OR :url IS NULL)
ORDER BY due_at_ms, subject LIMIT :limit;
