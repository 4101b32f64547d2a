INSERT INTO sightings (ticket, object, trait) VALUES (:ticket, :object, :trait) ON CONFLICT DO NOTHING;
