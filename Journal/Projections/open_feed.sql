-- feed.opened
INSERT INTO feeds_$ (feed, instance, resource, url, collection_kind, collection, id_field, updated_field,
  interval_ms, state, mode, cursor, failures, not_before_ms, moved_at_ms, next_at_ms, moved, rules, roster,
  member, announce_from_ms)
VALUES (:body ->> 'feed', :body ->> 'instance', :body ->> 'resource', :body ->> 'url',
  :body ->> 'collection_kind', :body ->> 'collection', :body ->> 'id_field', :body ->> 'updated_field',
  :body ->> 'interval_ms', iif(:body ->> 'supported', 'open', 'unsupported'), 'baseline', NULL, 0, 0,
  NULL, :body ->> 'next_at_ms', :position, :body -> 'rules', :body ->> 'roster', :body ->> 'member',
  :body ->> 'announce_from_ms');
