-- Outcomes of an attempt that do not follow its delivery.attempted.
SELECT outcome.position FROM events AS outcome
LEFT JOIN events AS before ON before.stream = outcome.stream AND before.version = outcome.version - 1
WHERE outcome.type IN ('delivery.succeeded', 'delivery.failed', 'delivery.unknown')
  AND before.type IS NOT 'delivery.attempted'
ORDER BY outcome.position LIMIT 100;
