-- instance.*, authorization.*: a row as the fold has it
INSERT INTO instances_$ (instance, since, until, created_at_ms, name, element, state, reason, callback,
  settings, authorization, expires_at_ms)
VALUES (:instance, :since, :until, :created_at_ms, :name, :element, :state, :reason, :callback, :settings,
  :authorization, :expires_at_ms);
