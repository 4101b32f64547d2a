-- delivery.held
UPDATE agenda_$ SET state = 'held', url = :body ->> 'url' WHERE task = 'deliver' AND subject = :stream;
