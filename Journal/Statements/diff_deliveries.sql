-- What is other at :high than at :low, field by field; led by the events between them.
-- :is_back turns the answer around.
SELECT 'delivery' AS kind, pair.id AS id, field.key AS field,
  iif(:is_back, field.value, pair.earlier ->> field.key) AS before,
  iif(:is_back, pair.earlier ->> field.key, field.value) AS after
FROM (
  SELECT later.since, later.notification AS id,
    json_object(
      'url', earlier.url,
      'status', earlier.status,
      'attempts', earlier.attempts,
      'lastStatus', earlier.last_status,
      'error', earlier.last_error,
      'nextAt@moment', earlier.next_at_ms) AS earlier,
    json_object(
      'url', later.url,
      'status', later.status,
      'attempts', later.attempts,
      'lastStatus', later.last_status,
      'error', later.last_error,
      'nextAt@moment', later.next_at_ms) AS later
  FROM events
  CROSS JOIN deliveries_$ AS later ON later.delivery = events.body ->> 'delivery' AND later.since = events.position
    AND (later.until IS NULL OR later.until > :high)
  LEFT JOIN deliveries_$ AS earlier ON earlier.delivery = later.delivery
    AND earlier.since = (SELECT max(since) FROM deliveries_$ WHERE delivery = later.delivery AND since <= :low)
  WHERE events.position > :low AND events.position <= :high
) AS pair
CROSS JOIN json_each(pair.later) AS field
WHERE field.value IS NOT pair.earlier ->> field.key
ORDER BY pair.since, field.id;
