-- The newest row of a key: it is in force unless it has ended.
SELECT rowid, delivery, since, until, position, notification, instance, feed, resource, url, status, attempts,
  last_status, last_error, next_at_ms, change_count, mode, replay, body, length_bytes
FROM deliveries_$ WHERE delivery = :delivery ORDER BY since DESC LIMIT 1;
