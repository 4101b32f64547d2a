-- How many rows a table has, counted no further than one past a bound.
SELECT count(*) FROM (SELECT 1 FROM @table LIMIT :limit);
