-- What there is to ask by SQL, for people and for completion. @schema stands for the journal’s name on a connection.

-- name: list_tables
-- Tables and views with their columns.
SELECT item.name, item.type, field.name, field.type
FROM @schema.sqlite_schema AS item CROSS JOIN pragma_table_info(item.name, '@schema') AS field
WHERE item.type IN ('table', 'view') ORDER BY item.name, field.cid;

-- name: list_functions
-- Functions that a statement may call.
SELECT DISTINCT name FROM pragma_function_list WHERE name GLOB '[a-z]*' ORDER BY name;

-- name: list_body_keys
-- Keys of the bodies of the newest events.
SELECT DISTINCT member.key FROM @schema.events AS newest CROSS JOIN json_each(newest.body) AS member
WHERE newest.position > (SELECT max(position) FROM @schema.events) - :newest ORDER BY member.key;
