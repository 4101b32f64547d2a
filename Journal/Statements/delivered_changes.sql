-- What led to the deliveries that a URL took: each change that they told, and what asked for them.
SELECT DISTINCT effects.cause FROM deliveries CROSS JOIN effects ON effects.effect = deliveries.position
WHERE deliveries.status = 'succeeded' AND deliveries.url = :url;
