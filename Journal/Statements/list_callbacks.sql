-- Every URL that an instance names or a person or receiver switched. What no instance names any more and
-- is enabled is left out.
SELECT @key AS "#", listed.url, state, reason, since_ms AS "since@moment",
  coalesce(waiting.pending, 0) AS pending, coalesce(waiting.held, 0) AS held
FROM (
  SELECT url, state, reason, changed_at_ms AS since_ms FROM callbacks
  WHERE state = 'disabled' OR url IN (SELECT callback FROM instances WHERE state <> 'deleted')
  UNION ALL
  SELECT callback, 'enabled', NULL, min(created_at_ms) FROM instances
  WHERE state <> 'deleted' AND callback IS NOT NULL AND callback NOT IN (SELECT url FROM callbacks)
  GROUP BY callback
) AS listed
-- Once for all of them: what waits may be much, and the URLs many.
LEFT JOIN (
  SELECT url, count(*) FILTER (WHERE status <> 'held') AS pending, count(*) FILTER (WHERE status = 'held') AS held
  FROM deliveries WHERE status IN ('pending', 'attempting', 'failed', 'unknown', 'held') GROUP BY url
) AS waiting ON waiting.url = listed.url WHERE true
