-- poll.completed of a baseline. CROSS JOIN keeps the order of the pages: what was seen last counts.
INSERT INTO objects_$ (feed, object, revision, series, is_gone, object_id)
SELECT :body ->> 'feed', item.value ->> 0, item.value ->> 1, item.value ->> 2, coalesce(item.value ->> 3, 0),
  item.value ->> 4
FROM json_each(:body, '$.manifests') AS manifest
CROSS JOIN payloads ON payloads.digest = daybook_bytes(manifest.value)
CROSS JOIN json_each(CAST(payloads.content AS TEXT)) AS item
WHERE true
ON CONFLICT (feed, object) DO UPDATE SET
  revision = excluded.revision, series = excluded.series, is_gone = excluded.is_gone,
  object_id = excluded.object_id;
