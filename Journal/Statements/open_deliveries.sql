SELECT count(*) FROM agenda_$ WHERE task IN ('deliver', 'notify', 'replay') AND state IN ('due', 'begun');
