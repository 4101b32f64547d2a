-- delivery.requested
INSERT INTO deliveries_$ (delivery, since, until, position, notification, instance, feed, resource, url,
  status, attempts, last_status, last_error, next_at_ms, change_count, mode, replay, body, length_bytes)
VALUES (:body ->> 'delivery', :position, NULL, :position, :body ->> 'notification', :body ->> 'instance',
  :body ->> 'feed', :body ->> 'resource',
  coalesce(:body ->> 'url', (SELECT callback FROM instances_$ WHERE instance = :body ->> 'instance' AND until IS NULL)),
  'pending', 0, NULL, NULL, :body ->> 'due_at_ms', json_array_length(:body, '$.changes'), :body ->> 'mode',
  :body ->> 'replay', :body ->> 'body', :body ->> 'bytes');
