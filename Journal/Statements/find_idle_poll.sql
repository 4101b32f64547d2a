-- A poll on the agenda whose feed is not open.
SELECT subject FROM agenda_$
WHERE task = 'poll' AND NOT EXISTS (
  SELECT 1 FROM feeds_$ WHERE feeds_$.feed = CAST(substr(agenda_$.subject, 6) AS INTEGER) AND feeds_$.state = 'open')
LIMIT 1;
