-- Parts that follow a list of lists.sql, put together by ComposedQuery. @key, @table, @type and @object stand for
-- names of the list, @rows for all of it but its columns.

-- name: where_instance
-- Of one instance.
AND @table.instance = :instance

-- name: where_resource
-- Of one resource.
AND resource = :resource

-- name: where_resource_of_event
-- Of one resource: the plus keeps the order of the key.
AND +entries.feed IN (SELECT feed FROM cursors WHERE resource = :resource)

-- name: where_resource_of_instance
-- Instances that have the resource.
AND EXISTS (SELECT 1 FROM cursors WHERE cursors.instance = instances.instance AND resource = :resource)

-- name: where_object
-- Of one object.
AND @object = :object

-- name: where_object_of_delivery
-- Deliveries that tell of a change of one object.
AND deliveries.position IN (
  SELECT effect FROM changes CROSS JOIN effects ON effects.cause = changes.position WHERE changes.object_id = :object
)

-- name: where_type
-- Of one type.
AND @type = :type

-- name: where_types
-- Of some types. The plus keeps the order of the key: many types are most of the log.
AND +@type IN (SELECT value FROM json_each(:types))

-- name: where_status
-- In one state.
AND status = :status

-- name: where_statuses
-- In some states.
AND status IN (SELECT value FROM json_each(:statuses))

-- name: where_most_statuses
-- In some states. The plus keeps the order of the key: with what succeeded among them they are most of the table.
AND +status IN (SELECT value FROM json_each(:statuses))

-- name: where_open
-- What is still open.
AND closed_at_ms IS NULL

-- name: where_tags
-- Instances that bear all of these tags.
AND NOT EXISTS (
  SELECT 1 FROM json_each(:tags) AS wanted
  WHERE wanted.value NOT IN (SELECT value FROM json_each(instances.settings, '$.tags'))
)

-- name: where_name
-- Instances whose name holds this; A to Z in either case.
AND instr(lower(instances.name), lower(:name)) > 0

-- name: where_polling_disabled
-- Instances of which a feed was disabled after too many failures.
AND EXISTS (SELECT 1 FROM cursors WHERE cursors.instance = instances.instance AND cursors.state = 'disabled')

-- name: where_subscribed
-- Instances whose events are on and have somewhere to go.
AND instances.callback IS NOT NULL AND instances.settings ->> 'watching'

-- name: where_live
-- Deliveries that no replay asked for.
AND deliveries.replay IS NULL

-- name: where_url
-- Deliveries to one URL.
AND deliveries.url = :url

-- name: page_up
-- A page, the oldest first.
AND @key > :after AND @key < :before ORDER BY @key LIMIT :limit

-- name: page_down
-- A page, the newest first.
AND @key < :before AND @key > :after ORDER BY @key DESC LIMIT :limit

-- name: last_up
-- The last row of such a page alone, where the page is full.
AND @key > :after AND @key < :before ORDER BY @key LIMIT 1 OFFSET :limit - 1

-- name: last_down
-- The last row of such a page alone, where the page is full.
AND @key < :before AND @key > :after ORDER BY @key DESC LIMIT 1 OFFSET :limit - 1

-- name: count_rows
-- How many rows a page has: of the list without its columns, with its filters.
SELECT count(*) AS count FROM (SELECT 1 @rows)

-- name: last_key
-- The key of a row, of the same.
SELECT @key AS "#" @rows
