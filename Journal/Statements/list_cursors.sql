SELECT @key AS "#", instance, resource, cursor, moved_at_ms AS "movedAt@moment", failures,
  iif((SELECT state FROM instances WHERE instances.instance = cursors.instance) = 'enabled', next_at_ms, NULL)
    AS "nextAt@moment",
  state, mode, collection, reason, feed
FROM cursors WHERE true
