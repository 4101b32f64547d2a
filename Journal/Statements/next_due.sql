SELECT due_at_ms FROM agenda_$
WHERE task = :task AND state = 'due' AND due_at_ms > :after_ms
ORDER BY due_at_ms LIMIT 1;
