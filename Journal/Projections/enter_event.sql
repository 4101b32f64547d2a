-- every event; :feed is the one that it concerns, also where only its delivery says so
INSERT INTO entries_$ (position, type, recorded_at_ms, instance, feed, object)
VALUES (:position, :type, :recorded_at_ms, :body ->> 'instance', :feed,
  coalesce(:body ->> 'object_id', :body ->> 'object'));
