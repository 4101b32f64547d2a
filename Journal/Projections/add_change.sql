-- change.observed
INSERT INTO changes_$ (position, instance, feed, resource, kind, object_id, object, date_ms, polled_at_ms,
  cause, item, length_bytes)
VALUES (:position, :body ->> 'instance', :body ->> 'feed', :body ->> 'resource', :body ->> 'kind',
  coalesce(:body ->> 'object_id', :body ->> 'object'), :body ->> 'object', :body ->> 'date_ms',
  :body ->> 'polled_at_ms', :cause, :body ->> 'item', :body ->> 'bytes');
