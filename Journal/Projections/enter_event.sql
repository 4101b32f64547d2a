-- every event
INSERT INTO entries_$ (position, type, recorded_at_ms, instance, feed, object)
VALUES (:position, :type, :recorded_at_ms, :body ->> 'instance',
  coalesce(:body ->> 'feed', (SELECT feed FROM deliveries_$ WHERE delivery = :body ->> 'delivery' LIMIT 1)),
  coalesce(:body ->> 'object_id', :body ->> 'object'));
