-- feed.*, poll.completed, poll.failed, cursor.*
UPDATE cursors_$ SET until = :position WHERE feed = :body ->> 'feed' AND until IS NULL;
