-- feed.*, poll.completed, poll.failed, cursor.*: a row as the fold has it
INSERT INTO cursors_$ (feed, since, until, instance, resource, collection, state, mode, cursor, moved_at_ms,
  polled_at_ms, failures, reason, next_at_ms)
VALUES (:feed, :since, :until, :instance, :resource, :collection, :state, :mode, :cursor, :moved_at_ms,
  :polled_at_ms, :failures, :reason, :next_at_ms);
