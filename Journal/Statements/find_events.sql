-- As list_events, led by the index of events.
SELECT @key AS "#", events.position AS position, events.stream AS stream, events.version AS version, events.type AS type,
  events.recorded_at_ms AS "recordedAt@moment", events.cause AS cause, events.body AS "body@json",
  events.digest AS "digest@hex", events.revision AS revision, events.key AS key
FROM entries CROSS JOIN events ON events.position = entries.position WHERE true
