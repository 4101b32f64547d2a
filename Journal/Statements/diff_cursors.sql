-- What is other at :high than at :low, field by field; led by the events between them.
-- :is_back turns the answer around.
SELECT 'cursor' AS kind, pair.id AS id, field.key AS field,
  iif(:is_back, field.value, pair.earlier ->> field.key) AS before,
  iif(:is_back, pair.earlier ->> field.key, field.value) AS after
FROM (
  SELECT later.since, later.instance || ' ' || later.resource AS id,
    json_object(
      'state', earlier.state,
      'mode', earlier.mode,
      'cursor', earlier.cursor,
      'movedAt@moment', earlier.moved_at_ms,
      'failures', earlier.failures,
      'reason', earlier.reason,
      'nextAt@moment', earlier.next_at_ms) AS earlier,
    json_object(
      'state', later.state,
      'mode', later.mode,
      'cursor', later.cursor,
      'movedAt@moment', later.moved_at_ms,
      'failures', later.failures,
      'reason', later.reason,
      'nextAt@moment', later.next_at_ms) AS later
  FROM events
  CROSS JOIN cursors_$ AS later ON later.feed = events.body ->> 'feed' AND later.since = events.position
    AND (later.until IS NULL OR later.until > :high)
  LEFT JOIN cursors_$ AS earlier ON earlier.feed = later.feed
    AND earlier.since = (SELECT max(since) FROM cursors_$ WHERE feed = later.feed AND since <= :low)
  WHERE events.position > :low AND events.position <= :high
) AS pair
CROSS JOIN json_each(pair.later) AS field
WHERE field.value IS NOT pair.earlier ->> field.key
ORDER BY pair.since, field.id;
