-- instance.disabled, instance.deleted
DELETE FROM agenda_$ WHERE instance = :body ->> 'instance' AND task = 'poll';
