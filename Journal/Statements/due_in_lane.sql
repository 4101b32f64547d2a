-- The next of one lane, after one of them.
SELECT subject, due_at_ms, instance, since FROM agenda_$
WHERE lane = :lane AND state = 'due' AND due_at_ms <= :now_ms
  AND (due_at_ms, since) > (:after_ms, :after_since)
ORDER BY due_at_ms, since LIMIT :limit;
