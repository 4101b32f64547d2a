SELECT object, revision, series, object_id FROM objects_$ AS known
WHERE feed = :feed AND is_gone = 0 AND object > :after
  AND NOT EXISTS (SELECT 1 FROM sightings AS seen WHERE seen.ticket = :ticket AND seen.object = known.object)
ORDER BY object LIMIT :limit;
