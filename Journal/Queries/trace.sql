-- Why an event happened, what came of it, and what is other at one event than at another.

-- name: trace
-- The causes of an event, all that came of it, and itself, in order of the log. depth: below 0 before it, above 0
-- after it. A cause is always older than its effect, so both ways end.
WITH RECURSIVE before (position, depth) AS (
  SELECT :position, 0 WHERE EXISTS (SELECT 1 FROM events WHERE position = :position)
  UNION
  SELECT effects.cause, before.depth - 1 FROM before
  CROSS JOIN effects ON effects.effect = before.position
), later (position, depth) AS (
  SELECT :position, 0
  UNION
  SELECT effects.effect, later.depth + 1 FROM later
  CROSS JOIN effects ON effects.cause = later.position
), met (position, depth) AS (
  SELECT position, max(depth) FROM before GROUP BY position
  UNION ALL
  SELECT position, min(depth) FROM later WHERE depth > 0 GROUP BY position
)
SELECT position, depth FROM met ORDER BY position;

-- name: trace_rows
-- A page of a trace. :met is JSON: [[position,depth],…].
SELECT events.position AS position, events.type AS type, events.stream AS stream, events.cause AS cause,
  met.value ->> 1 AS depth, events.recorded_at_ms AS "recordedAt@moment", events.body AS "body@json"
FROM json_each(:met) AS met CROSS JOIN events ON events.position = met.value ->> 0
ORDER BY met.key;

-- name: glance
-- One event at a glance, as a trace has it.
SELECT events.position AS position, events.type AS type, events.stream AS stream, events.cause AS cause, 0 AS depth,
  events.recorded_at_ms AS "recordedAt@moment", events.body AS "body@json"
FROM events WHERE events.position = :position;

-- name: next_effect
-- The first event after a position that came of another, and of nothing else that came of it: a notification came of its
-- changes, and they of their poll.
SELECT direct.effect FROM effects AS direct
WHERE direct.cause = :cause AND direct.effect > :after AND NOT EXISTS (
  SELECT 1 FROM effects AS nearer CROSS JOIN effects AS link ON link.cause = :cause AND link.effect = nearer.cause
  WHERE nearer.effect = direct.effect)
ORDER BY direct.effect LIMIT 1;

-- name: first_cause
-- The first event that one came of, and of nothing else that came of it: a notification tells of up to ten changes.
SELECT direct.cause FROM effects AS direct
WHERE direct.effect = :effect AND NOT EXISTS (
  SELECT 1 FROM effects AS nearer CROSS JOIN effects AS link ON link.cause = direct.cause AND link.effect = nearer.cause
  WHERE nearer.effect = :effect)
ORDER BY direct.cause LIMIT 1;

-- name: trace_requests
-- The deliveries that came of an event, in order of the log.
WITH RECURSIVE later (position) AS (
  SELECT :position
  UNION
  SELECT effects.effect FROM later CROSS JOIN effects ON effects.cause = later.position
)
SELECT events.position FROM later CROSS JOIN events ON events.position = later.position
WHERE events.type = 'delivery.requested' ORDER BY events.position;

-- name: trace_requests_later
-- The deliveries after a part of the log that tell of a change in it, in order of the log.
SELECT DISTINCT events.position FROM effects
CROSS JOIN events ON events.position = effects.effect
CROSS JOIN events AS change ON change.position = effects.cause
WHERE effects.cause > :after AND effects.cause < :before AND effects.effect >= :before
  AND events.type = 'delivery.requested' AND change.type = 'change.observed' ORDER BY events.position;

-- name: diff
-- What is other of the rows of a table at :high than at :low, field by field; led by the events between them. :is_back
-- turns the answer around. One of the parts is put into it: what kind the rows are, the field of a body with their
-- key, the key, their time, their id for people, and their fields.
WITH known (kind, named, key, since, until, id, fields) AS NOT MATERIALIZED (
@rows
)
SELECT pair.kind AS kind, pair.id AS id, field.key AS field,
  iif(:is_back, field.value, pair.earlier ->> field.key) AS before,
  iif(:is_back, pair.earlier ->> field.key, field.value) AS after
FROM (
  SELECT later.kind, later.since, later.id, earlier.fields AS earlier, later.fields AS later
  FROM events
  CROSS JOIN known AS later ON later.key = events.body ->> later.named AND later.since = events.position
    AND (later.until IS NULL OR later.until > :high)
  LEFT JOIN known AS earlier ON earlier.key = later.key
    AND earlier.since = (SELECT max(since) FROM known WHERE known.key = later.key AND known.since <= :low)
  WHERE events.position > :low AND events.position <= :high
) AS pair
CROSS JOIN json_each(pair.later) AS field
WHERE field.value IS NOT pair.earlier ->> field.key
ORDER BY pair.since, field.id;

-- name: diff_instances
-- A part of a statement: instances as diff compares them.
SELECT 'instance', 'instance', instance, since, until, CAST(instance AS TEXT),
  json_object('name', name, 'state', state, 'reason', reason, 'callback', callback, 'authorization', authorization,
    'settings', settings)
FROM instances_$

-- name: diff_cursors
-- The same as diff, of cursors; led by the feeds that the events between them are of. The last quiet poll of a row counts as
-- the row says it, an earlier one as the log does.
WITH touched (feed) AS MATERIALIZED (
  SELECT DISTINCT body ->> 'feed' FROM events
  WHERE position > :low AND position <= :high AND body ->> 'feed' IS NOT NULL
), pair AS (
  SELECT coalesce(iif(later.quiet <= :high, later.quiet, later_poll.position), later.since) AS since,
    later.instance || ' ' || later.resource AS id,
    json_object(
      'state', earlier.state,
      'mode', earlier.mode,
      'cursor', earlier.cursor,
      'movedAt@moment', coalesce(iif(earlier.quiet <= :low, earlier.quiet_polled_at_ms,
        earlier_poll.body ->> 'polled_at_ms'), earlier.moved_at_ms),
      'failures', earlier.failures,
      'reason', earlier.reason,
      'nextAt@moment', CASE WHEN earlier.quiet <= :low THEN earlier.quiet_next_at_ms
        WHEN earlier_poll.position IS NULL THEN earlier.next_at_ms
        ELSE earlier_poll.body ->> 'next_at_ms' END) AS earlier,
    json_object(
      'state', later.state,
      'mode', later.mode,
      'cursor', later.cursor,
      'movedAt@moment', coalesce(iif(later.quiet <= :high, later.quiet_polled_at_ms,
        later_poll.body ->> 'polled_at_ms'), later.moved_at_ms),
      'failures', later.failures,
      'reason', later.reason,
      'nextAt@moment', CASE WHEN later.quiet <= :high THEN later.quiet_next_at_ms
        WHEN later_poll.position IS NULL THEN later.next_at_ms
        ELSE later_poll.body ->> 'next_at_ms' END) AS later
  FROM touched
  CROSS JOIN cursors_$ AS later ON later.feed = touched.feed
    AND later.since = (SELECT max(since) FROM cursors_$ WHERE feed = touched.feed AND since <= :high)
  LEFT JOIN events AS later_poll ON later.quiet > :high AND later_poll.position = (
    SELECT max(position) FROM entries_$ INDEXED BY entries_polls_$
    WHERE type = 'poll.completed' AND feed = later.feed AND position > later.since AND position <= :high)
  LEFT JOIN cursors_$ AS earlier ON earlier.feed = touched.feed
    AND earlier.since = (SELECT max(since) FROM cursors_$ WHERE feed = touched.feed AND since <= :low)
  LEFT JOIN events AS earlier_poll ON earlier.quiet > :low AND earlier_poll.position = (
    SELECT max(position) FROM entries_$ INDEXED BY entries_polls_$
    WHERE type = 'poll.completed' AND feed = earlier.feed AND position > earlier.since AND position <= :low)
)
SELECT 'cursor' AS kind, pair.id AS id, field.key AS field,
  iif(:is_back, field.value, pair.earlier ->> field.key) AS before,
  iif(:is_back, pair.earlier ->> field.key, field.value) AS after
FROM pair
CROSS JOIN json_each(pair.later) AS field
WHERE pair.since > :low AND field.value IS NOT pair.earlier ->> field.key
ORDER BY pair.since, field.id;

-- name: diff_deliveries
-- A part of a statement: deliveries as diff compares them.
SELECT 'delivery', 'delivery', delivery, since, until, notification,
  json_object('url', url, 'status', status, 'attempts', attempts, 'lastStatus', last_status, 'error', last_error,
    'nextAt@moment', next_at_ms)
FROM deliveries_$
