-- delivery.attempted
UPDATE agenda_$ SET state = 'begun' WHERE task = 'deliver' AND subject = :stream;
