AND @key < :before AND @key > :after ORDER BY @key DESC LIMIT :limit
