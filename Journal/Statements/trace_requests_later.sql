-- The deliveries after a part of the log that tell of a change in it, in order of the log.
SELECT DISTINCT events.position FROM effects
CROSS JOIN events ON events.position = effects.effect
CROSS JOIN events AS change ON change.position = effects.cause
WHERE effects.cause > :after AND effects.cause < :before AND effects.effect >= :before
  AND events.type = 'delivery.requested' AND change.type = 'change.observed' ORDER BY events.position;
