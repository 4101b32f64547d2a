-- The highest instance and feed so far, from their streams: ids are never given twice.
SELECT
  (SELECT coalesce(max(CAST(substr(stream, 10) AS INTEGER)), 0) FROM events
    WHERE stream > 'instance/' AND stream < 'instance0'),
  (SELECT coalesce(max(feed), 0) FROM feeds_$);
