-- Every URL that an instance names or a person or receiver switched. What no instance names any more and
-- is enabled is left out.
SELECT @key AS "#", url, state, reason, since_ms AS "since@moment",
  (SELECT count(*) FROM deliveries
    WHERE status IN ('pending', 'attempting', 'failed', 'unknown') AND deliveries.url = listed.url) AS pending,
  (SELECT count(*) FROM deliveries WHERE status = 'held' AND deliveries.url = listed.url) AS held
FROM (
  SELECT url, state, reason, changed_at_ms AS since_ms FROM callbacks
  WHERE state = 'disabled' OR url IN (SELECT callback FROM instances WHERE state <> 'deleted')
  UNION ALL
  SELECT callback, 'enabled', NULL, min(created_at_ms) FROM instances
  WHERE state <> 'deleted' AND callback IS NOT NULL AND callback NOT IN (SELECT url FROM callbacks)
  GROUP BY callback
) AS listed WHERE true
