-- object.settled, and feed.closed
DELETE FROM missed_$
WHERE feed = :body ->> 'feed' AND (:type = 'feed.closed' OR object = :body ->> 'object');
