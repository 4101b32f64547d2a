SELECT type FROM events WHERE stream = :stream AND version = :version;
