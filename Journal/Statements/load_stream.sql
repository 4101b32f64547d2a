SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM events WHERE stream = :stream AND version > :after ORDER BY version LIMIT :limit;
