-- delivery.succeeded, delivery.exhausted, delivery.skipped
DELETE FROM agenda_$ WHERE task = 'deliver' AND subject = :stream;
