-- feed.updated, poll.completed, poll.failed, cursor.expired, cursor.reset: off the agenda where it is no longer on a
-- schedule, and nobody asked for another poll
DELETE FROM agenda_$ WHERE task = 'poll' AND subject = :stream AND :body ->> 'next_at_ms' IS NULL
  AND NOT EXISTS (
    SELECT 1 FROM feeds_$ WHERE feed = :body ->> 'feed' AND poll_requested_at_ms > :body ->> 'started_at_ms');
