-- instance.disabled, instance.deleted: nobody waits for a poll any more
UPDATE feeds_$ SET wish = NULL, wished_at_ms = NULL WHERE instance = :body ->> 'instance';
