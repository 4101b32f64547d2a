-- instance.updated, enabled, disabled, deleted, authorization.*
INSERT INTO instances_$ (instance, since, until, created_at_ms, name, element, state, reason, callback,
  settings, authorization, expires_at_ms)
SELECT instance, :position, NULL, created_at_ms,
  coalesce(:body ->> '$.settings.name', name), element,
  CASE :type WHEN 'instance.enabled' THEN 'enabled' WHEN 'instance.disabled' THEN 'disabled'
    WHEN 'instance.deleted' THEN 'deleted' ELSE state END,
  CASE WHEN :type IN ('instance.disabled', 'instance.deleted') THEN :body ->> 'reason'
    WHEN :type = 'instance.enabled' THEN NULL ELSE reason END,
  iif(:type = 'instance.updated', :body ->> '$.settings.callback', callback),
  coalesce(:body -> 'settings', settings),
  CASE WHEN :type IN ('authorization.granted', 'authorization.refreshed') THEN 'granted'
    WHEN :type = 'authorization.refused' THEN 'refused' ELSE authorization END,
  coalesce(:body ->> 'expires_at_ms', expires_at_ms)
FROM instances_$ WHERE instance = :body ->> 'instance' AND until = :position;
