-- Of the polls completed last, one whose feed is not among the feeds.
SELECT polls.feed FROM (
  SELECT events.body ->> 'feed' AS feed FROM (
    SELECT position FROM entries_$ WHERE type = 'poll.completed' ORDER BY position DESC LIMIT :limit) AS completed
  JOIN events USING (position)
  UNION
  SELECT newest.body ->> 'feed' FROM (SELECT type, body FROM events ORDER BY position DESC LIMIT :limit) AS newest
  WHERE newest.type = 'poll.completed') AS polls
WHERE NOT EXISTS (SELECT 1 FROM feeds_$ WHERE feeds_$.feed = polls.feed)
LIMIT 1;
