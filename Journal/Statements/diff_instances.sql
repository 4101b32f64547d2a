-- What is other at :high than at :low, field by field; led by the events between them.
-- :is_back turns the answer around.
SELECT 'instance' AS kind, pair.id AS id, field.key AS field,
  iif(:is_back, field.value, pair.earlier ->> field.key) AS before,
  iif(:is_back, pair.earlier ->> field.key, field.value) AS after
FROM (
  SELECT later.since, CAST(later.instance AS TEXT) AS id,
    json_object(
      'name', earlier.name,
      'state', earlier.state,
      'reason', earlier.reason,
      'callback', earlier.callback,
      'authorization', earlier.authorization,
      'settings', earlier.settings) AS earlier,
    json_object(
      'name', later.name,
      'state', later.state,
      'reason', later.reason,
      'callback', later.callback,
      'authorization', later.authorization,
      'settings', later.settings) AS later
  FROM events
  CROSS JOIN instances_$ AS later ON later.instance = events.body ->> 'instance' AND later.since = events.position
    AND (later.until IS NULL OR later.until > :high)
  LEFT JOIN instances_$ AS earlier ON earlier.instance = later.instance
    AND earlier.since = (SELECT max(since) FROM instances_$ WHERE instance = later.instance AND since <= :low)
  WHERE events.position > :low AND events.position <= :high
) AS pair
CROSS JOIN json_each(pair.later) AS field
WHERE field.value IS NOT pair.earlier ->> field.key
ORDER BY pair.since, field.id;
