SELECT count(*) FROM agenda_$ WHERE task = 'deliver' AND state = 'held' AND url = :url;
