-- What a listing saw that is not known, or is known with other traits: they are the second word of the revision.
SELECT seen.object, known.revision FROM (
  SELECT object, printf('%x', sum(trait)) AS traits FROM sightings
  WHERE ticket = :ticket AND object > :after GROUP BY object) AS seen
LEFT JOIN objects_$ AS known ON known.feed = :feed AND known.object = seen.object AND known.is_gone = 0
WHERE known.revision IS NULL OR substr(known.revision, instr(known.revision, ' ') + 1) <> seen.traits
ORDER BY seen.object LIMIT :limit;
