-- What no poll can go on from: the feed has moved, or it is too old.
DELETE FROM progress WHERE kept_at_ms < :before_ms
  OR feed IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM feeds_$ WHERE feeds_$.feed = progress.feed AND feeds_$.moved = progress.moved AND state = 'open');
