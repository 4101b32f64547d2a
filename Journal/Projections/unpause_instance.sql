-- instance.enabled
DELETE FROM paused_$ WHERE instance = :body ->> 'instance';
