-- change.observed: a cancelled occurrence of a series that is there
INSERT INTO objects_$ (feed, object, revision, series, is_gone, object_id)
SELECT :body ->> 'feed', :body ->> 'object', :body ->> 'revision', :body ->> 'series', 1, :body ->> 'object_id'
WHERE :body ->> 'kind' = 'DELETED'
  AND EXISTS (SELECT 1 FROM objects_$ WHERE feed = :body ->> 'feed' AND object = :body ->> 'series')
ON CONFLICT (feed, object) DO UPDATE SET
  revision = excluded.revision, series = excluded.series, is_gone = excluded.is_gone,
  object_id = excluded.object_id;
