-- When the last delivery of a replay is due that had no turn yet.
SELECT max(due_at_ms) FROM agenda_$ WHERE replay = :replay AND replay > 0 AND state = 'due' AND is_tried = 0;
