INSERT INTO temp.sightings (ticket, object)
SELECT :other, object FROM temp.sightings WHERE ticket = :ticket
ON CONFLICT DO NOTHING;
