SELECT due_at_ms FROM agenda_$ WHERE state = 'due' ORDER BY due_at_ms LIMIT 1;
