-- delivery.*: a row as the fold has it
INSERT INTO deliveries_$ (delivery, since, until, position, notification, instance, feed, resource, url, status,
  attempts, last_status, last_error, next_at_ms, change_count, mode, replay, body, length_bytes)
VALUES (:delivery, :since, :until, :position, :notification, :instance, :feed, :resource, :url, :status,
  :attempts, :last_status, :last_error, :next_at_ms, :change_count, :mode, :replay, :body, :length_bytes);
