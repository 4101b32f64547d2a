-- Figures of the journal as it is now, for whoever watches it. None of them reads the log.

-- name: count_open_deliveries
-- How many deliveries are in each state that ends nothing, and the first of them.
SELECT status, count(*), min(position) FROM deliveries
WHERE status IN ('pending', 'attempting', 'failed', 'unknown', 'held') GROUP BY status;

-- name: first_due_poll
-- When the poll came or comes due that has waited longest.
SELECT due_at_ms FROM agenda_$ WHERE task = 'poll' AND state = 'due' ORDER BY due_at_ms, since LIMIT 1;

-- name: sum_feeds
-- Feeds on a schedule by resource: how many, when the first of them is due, and when the one was read that was read
-- longest ago.
SELECT resource, count(*), min(max(next_at_ms, not_before_ms)) AS due_at_ms, min(looked_at_ms) FROM feeds_$
WHERE state = 'open' AND next_at_ms IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance)
GROUP BY resource ORDER BY due_at_ms LIMIT :limit;
