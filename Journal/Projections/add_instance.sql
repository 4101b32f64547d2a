-- instance.created
INSERT INTO instances_$ (instance, since, until, created_at_ms, name, element, state, reason, callback,
  settings, authorization, expires_at_ms)
VALUES (:body ->> 'instance', :position, NULL, :recorded_at_ms, :body ->> '$.settings.name',
  :body ->> '$.settings.element', 'enabled', NULL, :body ->> '$.settings.callback',
  :body -> 'settings', 'none', NULL);
