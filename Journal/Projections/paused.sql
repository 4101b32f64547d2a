-- Instances that rest. Changed in the append's own transaction.

-- name: paused_table
-- Instances whose feeds are not polled: disabled or deleted.
CREATE TABLE paused_$ (
  instance INTEGER PRIMARY KEY
) STRICT;

-- name: pause_instance
-- instance.disabled, instance.deleted: its feeds rest.
INSERT INTO paused_$ (instance) VALUES (:body ->> 'instance') ON CONFLICT DO NOTHING;

-- name: unpause_instance
-- instance.enabled: its feeds are polled again.
DELETE FROM paused_$ WHERE instance = :body ->> 'instance';
