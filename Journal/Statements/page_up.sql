AND @key > :after AND @key < :before ORDER BY @key LIMIT :limit
