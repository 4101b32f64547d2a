-- How far the report tables have read, as they say themselves: every event is an entry.
SELECT coalesce(max(position), 0) FROM @schema.entries_$;
