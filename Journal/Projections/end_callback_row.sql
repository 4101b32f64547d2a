-- callback.disabled, callback.enabled
UPDATE callbacks_$ SET until = :position WHERE url = :body ->> 'url' AND until IS NULL;
