-- How far the disposable tables have read; comparing and copying them.

-- name: load_projections
-- How far each kind of table has read, and which generation is in force.
SELECT name, generation, revision, position FROM projections ORDER BY name;

-- name: put_projection
-- Notes how far a kind of table has read.
INSERT INTO projections (name, generation, revision, position) VALUES (:name, :generation, :revision, :position)
ON CONFLICT (name) DO UPDATE SET
  generation = excluded.generation, revision = excluded.revision, position = excluded.position;

-- name: drop_projection
-- Forgets a kind of table.
DELETE FROM projections WHERE name = :name;

-- name: list_schema
-- The text of everything that a file holds; @schema names the database.
SELECT type, name, sql, tbl_name FROM @schema.sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name;

-- name: list_columns
-- Columns of a table of the journal, those of its primary key counted from 1.
SELECT name, pk FROM pragma_table_info(:table, :schema) ORDER BY cid;

-- name: compare_tables
-- Rows of one database that the other lacks. @table, @columns and @key name a disposable table and its columns,
-- @these and @those the two databases.
SELECT json_array(@columns) FROM (
  SELECT @columns FROM @these.@table
  EXCEPT
  SELECT @columns FROM @those.@table
  ORDER BY @key
);

-- name: copy_table
-- Copies a disposable table, which @table and @columns name, into a scratch database.
INSERT INTO main.@table (@columns) SELECT @columns FROM journal.@table;

-- name: attach_journal
-- Puts a journal beside a scratch database.
ATTACH DATABASE :name AS journal;
