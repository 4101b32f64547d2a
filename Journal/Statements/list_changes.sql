SELECT @key AS "#", position, instance, resource, kind AS "eventType", object_id AS "objectId", object_type AS "objectType",
  date_ms AS "date@moment", polled_at_ms AS "pollDate@moment", cause, object, item AS "item@hex", length_bytes AS bytes
FROM changes WHERE true
