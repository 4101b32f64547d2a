SELECT type, name, sql, tbl_name FROM @schema.sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name;
