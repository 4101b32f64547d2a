-- Rows of one database that the other lacks. @table, @columns and @key name a disposable table and its
-- columns, @these and @those the two databases.
SELECT json_array(@columns) FROM (
  SELECT @columns FROM @these.@table
  EXCEPT
  SELECT @columns FROM @those.@table
  ORDER BY @key
);
