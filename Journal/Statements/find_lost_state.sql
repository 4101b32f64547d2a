-- Manifests that a poll names and the journal no longer has: folds need them.
SELECT events.position FROM events
CROSS JOIN json_each(events.body, '$.manifests') AS manifest
LEFT JOIN payloads ON payloads.digest = daybook_bytes(manifest.value)
WHERE events.type = 'poll.completed' AND payloads.digest IS NULL
ORDER BY events.position LIMIT 100;
