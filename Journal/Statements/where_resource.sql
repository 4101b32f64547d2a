AND resource = :resource
