SELECT @key AS "#", position, notification AS id, instance, url, status, attempts, last_status AS "lastStatus",
  next_at_ms AS "nextAt@moment", change_count AS changes, mode, replay, resource, length_bytes AS bytes, last_error AS error
FROM deliveries WHERE true
