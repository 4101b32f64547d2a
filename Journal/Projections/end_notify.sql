-- delivery.requested: the last one of its poll or replay ends the task that asked for it
DELETE FROM agenda_$
WHERE :body ->> 'place' + 1 = :body ->> 'places'
  AND task = iif(:body ->> 'replay' IS NULL, 'notify', 'replay')
  AND subject = iif(:body ->> 'replay' IS NULL, CAST(:cause AS TEXT), 'replay/' || (:body ->> 'replay'));
