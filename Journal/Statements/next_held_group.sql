-- What is held, a group at a time: what for, whose, and of which replay. One probe, however many a group has.
SELECT url, instance, replay FROM agenda_$
WHERE state = 'held' AND (url, instance, replay) > (:url, :instance, :replay)
ORDER BY url, instance, replay LIMIT 1;
