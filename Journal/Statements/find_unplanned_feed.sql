-- A feed on a schedule whose poll is not on the agenda.
SELECT feed FROM feeds_$
WHERE state = 'open' AND next_at_ms IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance)
  AND NOT EXISTS (SELECT 1 FROM agenda_$ WHERE task = 'poll' AND subject = 'feed/' || feeds_$.feed)
LIMIT 1;
