SELECT feed, instance, resource, url, collection_kind, collection, id_field, updated_field, interval_ms,
  state, mode, cursor, failures, not_before_ms, moved_at_ms, next_at_ms, moved, rules, roster,
  announce_from_ms, member, looked_at_ms, poll_request, poll_requested_at_ms
FROM feeds_$ WHERE feed = :feed;
