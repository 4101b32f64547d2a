DELETE FROM secrets WHERE owner = :owner AND (:name IS NULL OR name = :name);
