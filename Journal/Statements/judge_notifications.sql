-- Of some notifications: whether a replay rendered them, and whether a URL ever took them, whatever became of the
-- delivery since. The deliveries of one are named by it, or begin with it and a slash, after which the digit 0 comes
-- next.
SELECT ids.value,
  EXISTS (
    SELECT 1 FROM deliveries
    WHERE delivery >= ids.value AND delivery < ids.value || '0' AND mode = 'rebuilt'),
  EXISTS (
    SELECT 1 FROM deliveries
    CROSS JOIN events AS taken ON taken.stream = 'delivery/' || delivery AND taken.type = 'delivery.succeeded'
    CROSS JOIN events AS attempt ON attempt.position = taken.cause
    WHERE delivery >= ids.value AND delivery < ids.value || '0' AND attempt.body ->> 'url' = :url)
FROM json_each(:ids) AS ids;
