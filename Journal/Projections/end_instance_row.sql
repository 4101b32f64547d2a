-- instance.updated, enabled, disabled, deleted, authorization.*
UPDATE instances_$ SET until = :position WHERE instance = :body ->> 'instance' AND until IS NULL;
