-- The plus keeps the order of the key: many types are most of the log.
AND +@type IN (SELECT value FROM json_each(:types))
