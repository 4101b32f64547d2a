INSERT INTO events (position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest)
VALUES (:position, :stream, :version, :type, :revision, :recorded_at_ms, :cause, :key, :body, :digest);
