INSERT INTO temp.sightings (ticket, object) VALUES (:ticket, :object) ON CONFLICT DO NOTHING;
