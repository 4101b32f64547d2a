SELECT subject FROM agenda_$ WHERE task = 'deliver' AND state = 'begun' ORDER BY due_at_ms, since, subject LIMIT :limit;
