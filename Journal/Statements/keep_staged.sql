INSERT INTO payloads (digest, salt, kind, form, length_bytes, content)
SELECT digest, salt, kind, form, length_bytes, content FROM staged WHERE ticket = :ticket ORDER BY place;
