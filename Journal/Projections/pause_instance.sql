-- instance.disabled, instance.deleted
INSERT INTO paused_$ (instance) VALUES (:body ->> 'instance') ON CONFLICT DO NOTHING;
