-- Of the polls completed last, one with changes that is not on the agenda although not all of its deliveries were
-- asked for. The last of them is among the newest effects of the poll, or later than the report tables have read.
WITH late (cause) AS MATERIALIZED (
  SELECT cause FROM events
  WHERE position > :reached AND type = 'delivery.requested' AND body ->> 'place' + 1 = body ->> 'places'
), polls (position) AS (
  SELECT position FROM (
    SELECT position FROM entries_$ WHERE type = 'poll.completed' ORDER BY position DESC LIMIT :limit) AS completed
  UNION
  SELECT position FROM (SELECT position, type FROM events ORDER BY position DESC LIMIT :limit) AS newest
  WHERE newest.type = 'poll.completed'
)
SELECT poll.position FROM polls
JOIN events AS poll ON poll.position = polls.position
WHERE poll.body ->> 'changes' > 0
  AND NOT EXISTS (SELECT 1 FROM agenda_$ WHERE task = 'notify' AND subject = CAST(poll.position AS TEXT))
  AND NOT EXISTS (
    SELECT 1 FROM (
      SELECT effect FROM effects_$ WHERE cause = poll.position ORDER BY effect DESC LIMIT 100) AS latest
    JOIN events AS asked ON asked.position = latest.effect
    WHERE asked.type = 'delivery.requested' AND asked.body ->> 'place' + 1 = asked.body ->> 'places')
  AND NOT EXISTS (SELECT 1 FROM late WHERE late.cause = poll.position)
LIMIT 1;
