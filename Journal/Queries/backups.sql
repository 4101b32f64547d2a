-- The mark by which a backup is told from a journal at work. Only backups have its table.

-- name: backup_table
-- One row: when it was taken. Taken away when the backup is restored.
CREATE TABLE backup (
  taken_at_ms INTEGER NOT NULL -- Unix time in UTC, milliseconds
) STRICT;

-- name: drop_backup
-- What was restored is a backup no longer.
DROP TABLE IF EXISTS backup;

-- name: mark_backup
-- Says when it was taken.
INSERT INTO backup (taken_at_ms) VALUES (:taken_at_ms);

-- name: load_backup
-- When it was taken.
SELECT taken_at_ms FROM backup LIMIT 1;

-- name: has_backup
-- Whether this is a backup.
SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'backup';
