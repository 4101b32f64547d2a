-- every other delivery.* event
UPDATE deliveries_$ SET until = :position WHERE delivery = :body ->> 'delivery' AND until IS NULL;
