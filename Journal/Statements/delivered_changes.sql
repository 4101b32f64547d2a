-- Those of some changes that a URL was told of and took.
SELECT told.value FROM json_each(:positions) AS told
WHERE EXISTS (
  SELECT 1 FROM effects CROSS JOIN deliveries ON deliveries.position = effects.effect
  WHERE effects.cause = told.value AND deliveries.status = 'succeeded' AND deliveries.url = :url);
