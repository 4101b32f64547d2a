-- feed.closed, and poll.completed of a baseline
DELETE FROM objects_$
WHERE feed = :body ->> 'feed' AND (:type = 'feed.closed' OR :body ->> 'mode' = 'baseline');
