DELETE FROM sightings WHERE ticket - ticket % 2 NOT IN (SELECT ticket FROM progress);
