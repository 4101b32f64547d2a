DELETE FROM temp.sightings WHERE ticket = :ticket;
