-- The notifications that a URL took.
SELECT DISTINCT notification FROM deliveries WHERE status = 'succeeded' AND url = :url;
