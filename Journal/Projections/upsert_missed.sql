-- object.missed
INSERT INTO missed_$ (feed, object, tries, since_ms, next_at_ms)
VALUES (:body ->> 'feed', :body ->> 'object', :body ->> 'tries', :body ->> 'since_ms', :body ->> 'next_at_ms')
ON CONFLICT (feed, object) DO UPDATE SET tries = excluded.tries, next_at_ms = excluded.next_at_ms;
