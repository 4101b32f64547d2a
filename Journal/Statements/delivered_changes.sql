-- Those of some changes that a URL was told of and took, whatever became of the delivery since.
SELECT told.value FROM json_each(:positions) AS told
WHERE EXISTS (
  SELECT 1 FROM effects CROSS JOIN deliveries ON deliveries.position = effects.effect
  CROSS JOIN events AS taken ON taken.stream = 'delivery/' || delivery AND taken.type = 'delivery.succeeded'
  CROSS JOIN events AS attempt ON attempt.position = taken.cause
  WHERE effects.cause = told.value AND attempt.body ->> 'url' = :url);
