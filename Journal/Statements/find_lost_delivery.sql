-- Of the deliveries asked for last, one whose place on the agenda is not what the last event of its stream says.
SELECT requested.stream FROM (
  SELECT position FROM (
    SELECT position FROM entries_$ WHERE type = 'delivery.requested' ORDER BY position DESC LIMIT :limit) AS known
  UNION
  SELECT position FROM (SELECT position, type FROM events ORDER BY position DESC LIMIT :limit) AS newest
  WHERE newest.type = 'delivery.requested') AS asked
JOIN events AS requested ON requested.position = asked.position
JOIN events AS latest ON latest.position = (
  SELECT told.position FROM events AS told WHERE told.stream = requested.stream ORDER BY told.version DESC LIMIT 1)
LEFT JOIN agenda_$ AS entry ON entry.task = 'deliver' AND entry.subject = requested.stream
WHERE CASE
  WHEN latest.type IN ('delivery.requested', 'delivery.released') THEN entry.state IS NOT 'due'
  WHEN latest.type = 'delivery.attempted' THEN entry.state IS NOT 'begun'
  -- What is held is due at once when its instance is deleted.
  WHEN latest.type = 'delivery.held' THEN entry.state IS NULL OR entry.state = 'begun'
  WHEN latest.type IN ('delivery.failed', 'delivery.unknown') THEN entry.state IS NULL
    OR (latest.body ->> 'retry_at_ms' IS NOT NULL AND entry.state <> 'due')
  WHEN latest.type IN ('delivery.succeeded', 'delivery.exhausted', 'delivery.skipped') THEN entry.state IS NOT NULL
  ELSE false END
  OR (entry.state IS NOT NULL AND entry.lane IS NOT
    coalesce(-(requested.body ->> 'replay'), requested.body ->> 'instance'))
LIMIT 1;
