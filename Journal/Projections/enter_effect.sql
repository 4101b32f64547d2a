-- every event with a cause
INSERT INTO effects_$ (cause, effect)
SELECT :cause, :position WHERE :cause IS NOT NULL
ON CONFLICT DO NOTHING;
