-- A feed that is not the one that was opened: what no later event changes.
SELECT feeds_$.feed FROM feeds_$
LEFT JOIN events ON events.stream = 'feed/' || feeds_$.feed AND events.version = 1
WHERE events.type IS NOT 'feed.opened'
  OR feeds_$.instance IS NOT events.body ->> 'instance'
  OR feeds_$.resource IS NOT events.body ->> 'resource'
  OR feeds_$.collection_kind IS NOT events.body ->> 'collection_kind'
  OR feeds_$.collection IS NOT events.body ->> 'collection'
  OR feeds_$.roster IS NOT events.body ->> 'roster'
  OR feeds_$.member IS NOT events.body ->> 'member'
LIMIT 1;
