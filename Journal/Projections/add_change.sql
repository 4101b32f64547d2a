-- change.observed
INSERT INTO changes_$ (position, instance, feed, resource, object_type, kind, object_id, object, date_ms, polled_at_ms,
  cause, item, length_bytes)
VALUES (:position, :body ->> 'instance', :body ->> 'feed', :body ->> 'resource',
  coalesce(:body ->> 'object_type', :body ->> 'resource'), :body ->> 'kind',
  coalesce(:body ->> 'object_id', :body ->> 'object'), :body ->> 'object', :body ->> 'date_ms',
  :body ->> 'polled_at_ms', :cause, :body ->> 'item', :body ->> 'bytes');
