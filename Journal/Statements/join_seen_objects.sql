INSERT INTO sightings (ticket, object, trait)
SELECT :other, object, trait FROM sightings WHERE ticket = :ticket
ON CONFLICT DO NOTHING;
