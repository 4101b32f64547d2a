AND @type = :type
