-- every event with a cause; delivery.requested: each change that it tells is a parent as well
INSERT INTO effects_$ (cause, effect) VALUES (:cause, :effect) ON CONFLICT DO NOTHING;
