AND EXISTS (SELECT 1 FROM cursors WHERE cursors.instance = instances.instance AND resource = :resource)
