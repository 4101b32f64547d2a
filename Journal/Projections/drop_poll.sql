-- feed.closed, feed.disabled
DELETE FROM agenda_$ WHERE task = 'poll' AND subject = :stream;
