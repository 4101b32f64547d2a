SELECT subject FROM agenda_$ WHERE task = 'deliver' AND state = 'held' AND (url = :url OR :url IS NULL)
ORDER BY due_at_ms, since, subject LIMIT :limit;
