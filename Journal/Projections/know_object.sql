-- change.observed: created, updated, and a cancelled occurrence of a series that is there
INSERT INTO objects_$ (feed, object, revision, series, is_gone)
SELECT :body ->> 'feed', :body ->> 'object', :body ->> 'revision', :body ->> 'series', :body ->> 'kind' = 'DELETED'
WHERE :body ->> 'kind' <> 'DELETED'
  OR EXISTS (SELECT 1 FROM objects_$ WHERE feed = :body ->> 'feed' AND object = :body ->> 'series')
ON CONFLICT (feed, object) DO UPDATE SET
  revision = excluded.revision, series = excluded.series, is_gone = excluded.is_gone;
