-- every other delivery.* event
INSERT INTO deliveries_$ (delivery, since, until, position, notification, instance, feed, resource, url,
  status, attempts, last_status, last_error, next_at_ms, change_count, mode, replay, body, length_bytes)
SELECT delivery, :position, NULL, position, notification, instance, feed, resource,
  -- What it is held for need not be a URL: its replay may be stopped.
  iif(:type = 'delivery.held' AND :body ->> 'url' NOT LIKE 'http%', url, coalesce(:body ->> 'url', url)),
  CASE :type WHEN 'delivery.attempted' THEN 'attempting' WHEN 'delivery.released' THEN 'pending'
    ELSE substr(:type, 10) END,
  iif(:type = 'delivery.attempted', :body ->> 'attempt', attempts),
  CASE WHEN :type IN ('delivery.succeeded', 'delivery.failed') THEN :body ->> 'status'
    ELSE last_status END,
  CASE WHEN :type IN ('delivery.failed', 'delivery.skipped') THEN :body ->> 'text'
    WHEN :type = 'delivery.held' THEN :body ->> 'reason'
    WHEN :type IN ('delivery.succeeded', 'delivery.attempted') THEN NULL ELSE last_error END,
  coalesce(:body ->> 'retry_at_ms', :body ->> 'due_at_ms'),
  change_count, mode, replay, body, length_bytes
FROM deliveries_$ WHERE delivery = :body ->> 'delivery' AND until = :position;
