-- Of digests that events name: those whose bytes are not kept.
SELECT named.value FROM json_each(:digests) AS named
LEFT JOIN payloads ON payloads.digest = daybook_bytes(named.value)
WHERE payloads.digest IS NULL;
