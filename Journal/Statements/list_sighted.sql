-- What a listing saw, with the sum of the traits that it saw each by.
SELECT object, sum(trait) FROM sightings WHERE ticket = :ticket AND object > :after
GROUP BY object ORDER BY object LIMIT :limit;
