-- The newest row of a key: it is in force unless it has ended.
SELECT rowid, feed, since, until, instance, resource, collection, state, mode, cursor, moved_at_ms,
  polled_at_ms, failures, reason, next_at_ms
FROM cursors_$ WHERE feed = :feed ORDER BY since DESC LIMIT 1;
