SELECT name, generation, revision, position FROM projections ORDER BY name;
