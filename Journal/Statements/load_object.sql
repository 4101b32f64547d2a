SELECT revision, series, is_gone FROM objects_$ WHERE feed = :feed AND object = :object;
