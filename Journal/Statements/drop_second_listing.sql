DELETE FROM sightings WHERE ticket = :ticket + 1;
