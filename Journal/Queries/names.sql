-- What people call things by: names of instances, keys of the configuration, ids of objects. Where a name leads
-- nowhere, those that there are.

-- name: find_named_instances
-- Instances of one name; those that are deleted come last.
SELECT instance, state = 'deleted' FROM instances WHERE name = :name ORDER BY state = 'deleted', instance LIMIT :limit;

-- name: list_names
-- Instances that are not deleted, with their names.
SELECT instance AS id, name FROM instances WHERE state <> 'deleted' ORDER BY instance LIMIT :limit;

-- name: has_resource
-- Whether any instance has, or had, a resource.
SELECT EXISTS (SELECT 1 FROM cursors WHERE resource = :resource);

-- name: has_resource_of_instance
-- Whether an instance has, or had, a resource.
SELECT EXISTS (SELECT 1 FROM cursors WHERE instance = :instance AND resource = :resource);

-- name: list_resources
-- Resources that are watched.
SELECT DISTINCT resource FROM cursors WHERE state <> 'closed' ORDER BY resource LIMIT :limit;

-- name: list_resources_of_instance
-- Resources of an instance that are watched.
SELECT DISTINCT resource FROM cursors WHERE instance = :instance AND state <> 'closed' ORDER BY resource LIMIT :limit;

-- name: next_changed_object
-- The objectId of a change that comes next in the order of texts: however often it changed, it is one step.
SELECT object_id FROM changes WHERE object_id >= :from AND object_id < :before ORDER BY object_id LIMIT 1;

-- name: next_entered_object
-- The same for events, with the eventIds of notifications.
SELECT object FROM entries WHERE object >= :from AND object < :before ORDER BY object LIMIT 1;

-- name: knows_object
-- Whether a feed knows an object of exactly that id, also one that never changed.
SELECT EXISTS (SELECT 1 FROM feeds CROSS JOIN objects ON objects.feed = feeds.feed AND objects.object = :object);
