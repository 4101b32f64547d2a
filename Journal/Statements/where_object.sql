AND @object = :object
