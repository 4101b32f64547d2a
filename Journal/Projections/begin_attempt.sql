-- delivery.attempted
UPDATE agenda_$ SET state = 'begun', is_tried = 1 WHERE task = 'deliver' AND subject = :stream;
