-- change.observed: deleted
DELETE FROM objects_$
WHERE feed = :body ->> 'feed' AND :body ->> 'kind' = 'DELETED' AND :body ->> 'series' IS NULL
  AND object = :body ->> 'object';
