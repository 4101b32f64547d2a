SELECT count(*) FROM objects_$ WHERE feed = :feed AND is_gone = 0;
