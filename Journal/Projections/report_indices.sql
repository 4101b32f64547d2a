-- What folding itself does not need: a rebuild makes these after the rows. Where position is the number of the row,
-- every index ends with it by itself.
CREATE INDEX IF NOT EXISTS entries_by_type_$ ON entries_$ (type);
CREATE INDEX IF NOT EXISTS entries_by_instance_$ ON entries_$ (instance) WHERE instance IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_by_feed_$ ON entries_$ (feed) WHERE feed IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_by_object_$ ON entries_$ (object) WHERE object IS NOT NULL;
CREATE INDEX IF NOT EXISTS effects_by_effect_$ ON effects_$ (effect, cause);
CREATE INDEX IF NOT EXISTS cursors_live_$ ON cursors_$ (instance, resource) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS changes_by_object_$ ON changes_$ (object_id);
CREATE INDEX IF NOT EXISTS changes_by_instance_$ ON changes_$ (instance);
CREATE INDEX IF NOT EXISTS deliveries_live_$ ON deliveries_$ (position) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_live_by_status_$ ON deliveries_$ (status, position) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_live_by_instance_$ ON deliveries_$ (instance, position) WHERE until IS NULL;
CREATE INDEX IF NOT EXISTS deliveries_by_position_$ ON deliveries_$ (position, since);
CREATE INDEX IF NOT EXISTS deliveries_by_replay_$ ON deliveries_$ (replay, position) WHERE replay IS NOT NULL;
CREATE INDEX IF NOT EXISTS deliveries_live_by_notification_$ ON deliveries_$ (notification, position) WHERE until IS NULL;
