SELECT subject FROM agenda_$ WHERE state = 'begun' ORDER BY due_at_ms, subject LIMIT :limit;
