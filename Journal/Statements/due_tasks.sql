SELECT task, subject, due_at_ms, instance FROM agenda_$
WHERE state = 'due' AND due_at_ms <= :now_ms
ORDER BY due_at_ms, task, subject LIMIT :limit;
