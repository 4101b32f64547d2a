-- change.observed: a series takes its cancelled occurrences with it
DELETE FROM objects_$
WHERE feed = :body ->> 'feed' AND series = :body ->> 'object' AND is_gone = 1
  AND :body ->> 'kind' = 'DELETED' AND :body ->> 'series' IS NULL;
