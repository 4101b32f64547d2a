INSERT INTO projections (name, generation, revision, position) VALUES (:name, :generation, :revision, :position)
ON CONFLICT (name) DO UPDATE SET
  generation = excluded.generation, revision = excluded.revision, position = excluded.position;
