-- Whether something older is held that goes the way of a delivery: of the same instance and replay whatever it waits
-- for, for the same URL, or of the same replay of another instance.
SELECT count(*) FROM (
  SELECT since, instance, replay FROM agenda_$ WHERE task = 'deliver' AND subject = :subject
) AS mine
WHERE EXISTS (
    SELECT 1 FROM agenda_$ AS held
    WHERE held.state = 'held' AND held.instance = mine.instance AND held.replay = mine.replay AND held.since < mine.since)
  OR EXISTS (
    SELECT 1 FROM agenda_$ AS held WHERE held.state = 'held' AND held.url = :url AND held.since < mine.since)
  OR mine.replay > 0 AND EXISTS (
    SELECT 1 FROM agenda_$ AS held
    WHERE held.state = 'held' AND held.url = 'replay/' || mine.replay AND held.since < mine.since);
