-- Of some notifications: whether a replay rendered them, and whether a URL took them. The deliveries of one are
-- named by it, or begin with it and a slash, after which the digit 0 comes next.
SELECT ids.value,
  EXISTS (
    SELECT 1 FROM deliveries
    WHERE delivery >= ids.value AND delivery < ids.value || '0' AND mode = 'rebuilt'),
  EXISTS (
    SELECT 1 FROM deliveries
    WHERE delivery >= ids.value AND delivery < ids.value || '0' AND status = 'succeeded' AND url = :url)
FROM json_each(:ids) AS ids;
