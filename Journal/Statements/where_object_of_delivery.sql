AND deliveries.position IN (
  SELECT effect FROM changes CROSS JOIN effects ON effects.cause = changes.position WHERE changes.object_id = :object
)
