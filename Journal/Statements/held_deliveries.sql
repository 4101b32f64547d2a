SELECT subject FROM agenda_$ WHERE task = 'deliver' AND state = 'held' AND (url = :url OR :url IS NULL)
  AND (:instance IS NULL OR instance = :instance AND instr(subject, '/replay/') = 0)
ORDER BY due_at_ms, since, subject LIMIT :limit;
