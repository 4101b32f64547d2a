-- change.observed: deleted; a cancelled occurrence stays known as long as its series is there
DELETE FROM objects_$
WHERE feed = :body ->> 'feed' AND :body ->> 'kind' = 'DELETED' AND object = :body ->> 'object'
  AND NOT EXISTS (
    SELECT 1 FROM objects_$ AS master
    WHERE master.feed = :body ->> 'feed' AND master.object = :body ->> 'series');
