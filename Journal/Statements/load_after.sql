SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM events WHERE position > :after ORDER BY position LIMIT :limit;
