-- The last thousand events are enough: polls are most of them.
SELECT max(body ->> 'polled_at_ms') FROM events
WHERE position > max(:position, (SELECT max(position) FROM events) - 1000) AND type = 'poll.completed';
