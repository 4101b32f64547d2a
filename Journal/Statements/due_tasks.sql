-- One kind of task at a time: none of them can stand in the way of another.
SELECT task, subject, due_at_ms, instance, since FROM agenda_$
WHERE task = :task AND state = 'due' AND due_at_ms <= :now_ms
ORDER BY due_at_ms, since, subject LIMIT :limit;
