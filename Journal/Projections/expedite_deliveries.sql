-- instance.deleted: what is pending or held is due now, to be skipped with its reason
UPDATE agenda_$ SET state = 'due', due_at_ms = min(due_at_ms, :recorded_at_ms)
WHERE instance = :body ->> 'instance' AND task = 'deliver' AND state IN ('due', 'held');
