-- One event at a glance, as trace shows it.
SELECT events.position AS position, events.type AS type, events.stream AS stream, events.cause AS cause, 0 AS depth,
  @summary AS summary
FROM events WHERE events.position = :position;
