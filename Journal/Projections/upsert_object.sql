-- change.observed: created and updated
INSERT INTO objects_$ (feed, object, revision, series, is_gone, object_id)
SELECT :body ->> 'feed', :body ->> 'object', :body ->> 'revision', :body ->> 'series', 0, :body ->> 'object_id'
WHERE :body ->> 'kind' <> 'DELETED'
ON CONFLICT (feed, object) DO UPDATE SET
  revision = excluded.revision, series = excluded.series, is_gone = excluded.is_gone,
  object_id = excluded.object_id;
