-- callback.disabled, callback.enabled
INSERT INTO callbacks_$ (url, since, until, state, reason, changed_at_ms)
VALUES (:body ->> 'url', :position, NULL, substr(:type, 10), :body ->> 'reason', :recorded_at_ms);
