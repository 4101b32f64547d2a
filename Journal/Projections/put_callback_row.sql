-- callback.disabled, callback.enabled: a row as the fold has it
INSERT INTO callbacks_$ (url, since, until, state, reason, changed_at_ms)
VALUES (:url, :since, :until, :state, :reason, :changed_at_ms);
