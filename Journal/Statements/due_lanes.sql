-- Lanes in which a delivery is due, first the one in which one has waited longest.
SELECT lane FROM lanes_$ WHERE due_at_ms <= :now_ms ORDER BY due_at_ms, lane LIMIT :limit;
