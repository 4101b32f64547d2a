-- change.observed: created, updated, and a cancelled occurrence
INSERT INTO objects_$ (feed, object, revision, series, is_gone)
SELECT :body ->> 'feed', :body ->> 'object', :body ->> 'revision', :body ->> 'series', :body ->> 'kind' = 'DELETED'
WHERE :body ->> 'kind' <> 'DELETED' OR :body ->> 'series' IS NOT NULL
ON CONFLICT (feed, object) DO UPDATE SET
  revision = excluded.revision, series = excluded.series, is_gone = excluded.is_gone;
