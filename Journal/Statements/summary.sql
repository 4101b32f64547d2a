-- What an event says in a few words. Texts of providers and receivers are not in it.
CASE events.type
  WHEN 'journal.created' THEN events.body ->> 'journal'
  WHEN 'instance.created' THEN events.body ->> '$.settings.name'
  WHEN 'instance.updated' THEN (SELECT group_concat(value, ', ') FROM json_each(events.body, '$.changed'))
  WHEN 'feed.opened' THEN events.body ->> 'resource'
  WHEN 'poll.completed' THEN (events.body ->> 'mode') || ': ' || (events.body ->> 'items') || ' items, '
    || (events.body ->> 'changes') || ' changes'
  WHEN 'change.observed' THEN (events.body ->> 'kind') || ' ' || coalesce(events.body ->> 'object_id', events.body ->> 'object')
    || ' in ' || (events.body ->> 'resource')
  WHEN 'object.missed' THEN (events.body ->> 'object') || ': ' || (events.body ->> 'reason') || ', try '
    || (events.body ->> 'tries')
  WHEN 'object.settled' THEN (events.body ->> 'object') || ': ' || (events.body ->> 'outcome')
  WHEN 'delivery.requested' THEN json_array_length(events.body, '$.changes') || ' ' || (events.body ->> 'action')
    || ', notification ' || (events.body ->> 'notification')
  WHEN 'delivery.attempted' THEN 'attempt ' || (events.body ->> 'attempt') || ' to ' || (events.body ->> 'url')
  WHEN 'delivery.succeeded' THEN (events.body ->> 'status') || ' in ' || (events.body ->> 'duration_ms') || ' ms'
  WHEN 'delivery.failed' THEN coalesce(events.body ->> 'status', events.body ->> 'error')
    || iif(events.body ->> 'retry_at_ms' IS NULL, ', not tried again', ', tried again')
  WHEN 'delivery.exhausted' THEN (events.body ->> 'attempts') || ' attempts'
  WHEN 'replay.requested' THEN (events.body ->> 'notifications') || ' notifications to ' || (events.body ->> 'to')
  ELSE coalesce(events.body ->> 'reason', events.body ->> 'kind', '')
END
