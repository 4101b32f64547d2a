-- feed.opened
INSERT INTO cursors_$ (feed, since, until, instance, resource, collection, state, mode, cursor, moved_at_ms,
  polled_at_ms, failures, reason, next_at_ms)
VALUES (:body ->> 'feed', :position, NULL, :body ->> 'instance', :body ->> 'resource', :body ->> 'collection',
  iif(:body ->> 'supported', 'open', 'unsupported'), 'baseline', NULL, NULL, NULL, 0, NULL, :body ->> 'next_at_ms');
