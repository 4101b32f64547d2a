SELECT revision, series, is_gone, object_id FROM objects_$ WHERE feed = :feed AND object = :object;
