-- @table and @columns: a disposable table and all its columns.
INSERT INTO main.@table (@columns) SELECT @columns FROM journal.@table;
