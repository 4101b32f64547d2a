-- Whose deliveries wait for the key that opens their secrets.
SELECT DISTINCT instance FROM agenda_$
WHERE task = 'deliver' AND state = 'held' AND url = 'instance/' || instance;
