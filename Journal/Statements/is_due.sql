-- Whether a delivery is due, and nobody is at it.
SELECT 1 FROM agenda_$ WHERE task = 'deliver' AND subject = :subject AND state = 'due' AND due_at_ms <= :now_ms;
