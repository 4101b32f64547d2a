-- feed.closed, feed.disabled: nobody waits for a poll any more
UPDATE feeds_$ SET poll_request = NULL, poll_requested_at_ms = NULL WHERE feed = :body ->> 'feed';
