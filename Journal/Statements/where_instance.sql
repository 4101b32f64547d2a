AND @table.instance = :instance
