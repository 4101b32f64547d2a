-- A running replay with more to ask for that is not on the agenda.
SELECT replay FROM replays_$
WHERE state = 'running' AND requested < notifications
  AND NOT EXISTS (SELECT 1 FROM agenda_$ WHERE task = 'replay' AND subject = 'replay/' || replays_$.replay)
LIMIT 1;
