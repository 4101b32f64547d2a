-- The plus keeps the order of the key: with what succeeded among them they are most of the table.
AND +status IN (SELECT value FROM json_each(:statuses))
