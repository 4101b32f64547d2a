-- replay.stopped, replay.completed
DELETE FROM agenda_$ WHERE task = 'replay' AND subject = :stream;
