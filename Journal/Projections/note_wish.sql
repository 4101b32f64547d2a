-- poll.requested
UPDATE feeds_$ SET asked_at_ms = :body ->> 'at_ms', asked = :position WHERE feed = :body ->> 'feed';
