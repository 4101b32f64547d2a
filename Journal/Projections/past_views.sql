-- The same names as of an event, on one connection: @ stands for its position. What only decides
-- (feeds, objects, agenda) has no past and stays as it is.
CREATE TEMP VIEW events AS SELECT * FROM main.events WHERE position <= @;
CREATE TEMP VIEW entries AS SELECT * FROM main.entries_$ WHERE position <= @;
CREATE TEMP VIEW effects AS SELECT * FROM main.effects_$ WHERE effect <= @;
CREATE TEMP VIEW changes AS SELECT * FROM main.changes_$ WHERE position <= @;
CREATE TEMP VIEW instances AS SELECT * FROM main.instances_$ WHERE since <= @ AND (until IS NULL OR until > @);
CREATE TEMP VIEW cursors AS SELECT * FROM main.cursors_$ WHERE since <= @ AND (until IS NULL OR until > @);
CREATE TEMP VIEW deliveries AS SELECT * FROM main.deliveries_$ WHERE since <= @ AND (until IS NULL OR until > @);
CREATE TEMP VIEW callbacks AS SELECT * FROM main.callbacks_$ WHERE since <= @ AND (until IS NULL OR until > @);
CREATE TEMP VIEW notices AS
SELECT position, stream, kind, subject, instance, text, opened_at_ms,
  iif(until <= @, closed_at_ms, NULL) AS closed_at_ms, iif(until <= @, until, NULL) AS until
FROM main.notices_$ WHERE position <= @;
