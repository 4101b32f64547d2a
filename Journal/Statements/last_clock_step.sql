-- The newest clock.stepped; the stream of the journal itself is short.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM events WHERE stream = 'journal' AND type = 'clock.stepped' ORDER BY version DESC LIMIT 1;
