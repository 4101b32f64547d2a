-- The newest row of a key: it is in force unless it has ended.
SELECT rowid, url, since, until, state, reason, changed_at_ms
FROM callbacks_$ WHERE url = :url ORDER BY since DESC LIMIT 1;
