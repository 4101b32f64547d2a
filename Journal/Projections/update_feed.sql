-- feed.updated
UPDATE feeds_$ SET url = :body ->> 'url', id_field = :body ->> 'id_field', updated_field = :body ->> 'updated_field',
  interval_ms = :body ->> 'interval_ms', next_at_ms = :body ->> 'next_at_ms', rules = :body -> 'rules'
WHERE feed = :body ->> 'feed';
