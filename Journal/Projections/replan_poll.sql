-- feed.updated, poll.completed, poll.failed, cursor.expired, cursor.reset: off the agenda where it is no longer on a schedule
DELETE FROM agenda_$ WHERE task = 'poll' AND subject = :stream AND :body ->> 'next_at_ms' IS NULL;
