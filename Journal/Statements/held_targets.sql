-- Whose deliveries are held, and what for; of a URL those that go to their instance's own.
SELECT DISTINCT instance, url FROM agenda_$
WHERE task = 'deliver' AND state = 'held' AND (url NOT LIKE 'http%' OR instr(subject, '/replay/') = 0);
