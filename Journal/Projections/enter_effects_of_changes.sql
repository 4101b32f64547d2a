-- delivery.requested: each change that it tells is a parent
INSERT INTO effects_$ (cause, effect)
SELECT value, :position FROM json_each(:body, '$.changes') WHERE true
ON CONFLICT DO NOTHING;
