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
SELECT rowid, digest, salt, form, content FROM payloads WHERE rowid > :after ORDER BY rowid LIMIT :limit;

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
