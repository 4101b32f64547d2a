-- The newest row of a key: it is in force unless it has ended.
SELECT rowid, instance, since, until, created_at_ms, name, element, state, reason, callback, settings,
  authorization, expires_at_ms
FROM instances_$ WHERE instance = :instance ORDER BY since DESC LIMIT 1;
