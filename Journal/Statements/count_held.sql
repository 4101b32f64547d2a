SELECT count(*) FROM agenda_$ WHERE state = 'held' AND url = :url;
