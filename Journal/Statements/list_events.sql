-- Columns are named as people see them; what follows an @ says how the value is read. @key pages.
SELECT @key AS "#", events.position AS position, events.stream AS stream, events.version AS version, events.type AS type,
  events.recorded_at_ms AS "recordedAt@moment", events.cause AS cause, events.body AS "body@json",
  events.digest AS "digest@hex", events.revision AS revision, events.key AS key
FROM events WHERE true
