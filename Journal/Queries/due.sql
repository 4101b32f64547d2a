-- What is to be done, and when.

-- name: due_tasks
-- What is due, one kind of task at a time: none of them can stand in the way of another.
SELECT task, subject, due_at_ms, instance, since FROM agenda_$
WHERE task = :task AND state = 'due' AND due_at_ms <= :now_ms
ORDER BY due_at_ms, since, subject LIMIT :limit;

-- name: due_lanes
-- Lanes in which a delivery is due, first the one in which one has waited longest; a page of them.
SELECT lane, due_at_ms FROM lanes_$
WHERE due_at_ms <= :now_ms AND (due_at_ms, lane) > (:after_ms, :after_lane) ORDER BY due_at_ms, lane LIMIT :limit;

-- name: due_in_lane
-- The next of one lane, after one of them.
SELECT subject, due_at_ms, instance, since, is_tried FROM agenda_$
WHERE lane = :lane AND state = 'due' AND due_at_ms <= :now_ms
  AND (due_at_ms, since) > (:after_ms, :after_since)
ORDER BY due_at_ms, since LIMIT :limit;

-- name: is_due
-- Whether a delivery is due, and nobody is at it.
SELECT 1 FROM agenda_$ WHERE task = 'deliver' AND subject = :subject AND state = 'due' AND due_at_ms <= :now_ms;

-- name: next_due
-- When the first task of a kind is due after a moment.
SELECT due_at_ms FROM agenda_$
WHERE task = :task AND state = 'due' AND due_at_ms > :after_ms
ORDER BY due_at_ms LIMIT 1;

-- name: earlier_notification
-- The first poll of an instance before another whose notifications are still to be asked for.
SELECT min(since) FROM agenda_$ INDEXED BY agenda_by_instance_$
WHERE task = 'notify' AND instance = :instance AND since < :before;

-- name: begun_deliveries
-- Deliveries whose attempt has no outcome yet.
SELECT subject FROM agenda_$ WHERE task = 'deliver' AND state = 'begun' ORDER BY due_at_ms, since, subject LIMIT :limit;

-- name: open_deliveries
-- Whether anything of delivering is due sometime or under way.
SELECT EXISTS (
  SELECT 1 FROM agenda_$ WHERE task = 'deliver' AND state = 'due'
  UNION ALL SELECT 1 FROM agenda_$ WHERE task = 'deliver' AND state = 'begun'
  UNION ALL SELECT 1 FROM agenda_$ WHERE task = 'notify'
  UNION ALL SELECT 1 FROM agenda_$ WHERE task = 'replay');

-- name: open_deliveries_of_instance
-- A page of the deliveries of an instance that are not under way; led by the instance, since those of all others may be
-- many.
SELECT subject FROM agenda_$ INDEXED BY agenda_by_instance_$
WHERE task = 'deliver' AND state IN ('due', 'held', 'behind') AND instance = :instance AND subject > :after
ORDER BY subject LIMIT :limit;

-- name: open_breakers
-- URLs that are asked now and then alone.
SELECT url, failed_at_ms, wait_ms FROM health_$ WHERE opened_at_ms IS NOT NULL;

-- name: load_health
-- Since when a URL has failed and nothing else, and how many deliveries were given up in that time.
SELECT failing_since_ms, given_up FROM health_$ WHERE url = :url AND failures > 0;
