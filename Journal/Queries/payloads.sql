-- Bytes as they were received or sent, by digest.

-- name: add_payload
-- Keeps a payload.
INSERT INTO payloads (digest, salt, kind, form, length_bytes, content)
VALUES (:digest, :salt, :kind, :form, :length_bytes, :content);

-- name: has_payload
-- Whether a payload is kept.
SELECT 1 FROM payloads WHERE digest = :digest;

-- name: load_payload
-- A payload with what its digest covers.
SELECT salt, kind, form, length_bytes, content FROM payloads WHERE digest = :digest;

-- name: list_payloads
-- A page of all payloads, to be checked.
SELECT rowid, digest, salt, form, content, length_bytes FROM payloads WHERE rowid > :after ORDER BY rowid LIMIT :limit;

-- name: payload_row
-- The row of a payload: they are kept in the order of the events that name them.
SELECT rowid FROM payloads WHERE digest = :digest;

-- name: payloads_between
-- Payloads whole, in the order in which they were kept.
SELECT rowid, digest, salt, kind, form, length_bytes, content FROM payloads
WHERE rowid > :after AND rowid <= :until ORDER BY rowid;

-- name: told_items
-- The objects that a delivery tells of, in the order of its body: digests, null where the bytes never were; and how many
-- they are. json_each walks an array in its order; sorted, all would be looked up where the first is enough.
SELECT change.body ->> 'item', json_array_length(requested.body, '$.changes') FROM events AS requested
CROSS JOIN json_each(requested.body, '$.changes') AS told
CROSS JOIN events AS change ON change.position = told.value
WHERE requested.position = :position;

-- name: first_of_stream
-- The event that began a stream.
SELECT position FROM events WHERE stream = :stream AND version = 1;

-- name: list_evidence
-- A page of what people alone need, to be searched.
SELECT rowid, digest, content FROM payloads WHERE rowid > :after AND kind = 'evidence' ORDER BY rowid LIMIT :limit;

-- name: evidence_bytes
-- Bytes that a payload takes which may be removed.
SELECT length(content) FROM payloads WHERE digest = :digest AND kind = 'evidence';

-- name: recipe_content
-- The recipe of a payload; nothing where it is plain bytes.
SELECT content FROM payloads WHERE digest = :digest AND form = 'recipe';

-- name: remove_payload
-- Removes a payload. The trigger that keeps others from it is out of force meanwhile.
DELETE FROM payloads WHERE digest = :digest AND kind = 'evidence';

-- name: expunged_by
-- The event that says a payload was removed; the stream of the journal itself is short.
SELECT position FROM events
WHERE stream = 'journal' AND type = 'payload.expunged' AND instr(body, :digest) > 0 ORDER BY version LIMIT 1;

-- name: list_expunged
-- All that was removed.
SELECT position, stream, version, type, revision, recorded_at_ms, cause, key, body, digest
FROM events WHERE stream = 'journal' AND type = 'payload.expunged' ORDER BY version;

-- name: effects_of_type
-- The events of one type that one led to itself.
SELECT events.position, events.stream, events.version, events.type, events.revision, events.recorded_at_ms, events.cause,
  events.key, events.body, events.digest
FROM effects_$ CROSS JOIN events ON events.position = effects_$.effect
WHERE effects_$.cause = :position AND events.type = :type ORDER BY events.position;

-- name: is_planned
-- Whether something is on the agenda.
SELECT 1 FROM agenda_$ WHERE task = :task AND subject = :subject;

-- name: asking_replay
-- A replay that has deliveries to ask for.
SELECT subject FROM agenda_$ WHERE task = 'replay' AND state = 'due' ORDER BY due_at_ms LIMIT 1;
