-- Whether anything of delivering is due sometime or under way.
SELECT EXISTS (
  SELECT 1 FROM agenda_$ WHERE task = 'deliver' AND state = 'due'
  UNION ALL SELECT 1 FROM agenda_$ WHERE task = 'deliver' AND state = 'begun'
  UNION ALL SELECT 1 FROM agenda_$ WHERE task = 'notify'
  UNION ALL SELECT 1 FROM agenda_$ WHERE task = 'replay');
