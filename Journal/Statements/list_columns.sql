-- Columns of a table of the journal, those of its primary key counted from 1.
SELECT name, pk FROM pragma_table_info(:table, :schema) ORDER BY cid;
