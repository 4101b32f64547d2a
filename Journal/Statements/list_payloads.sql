SELECT rowid, digest, form, length_bytes FROM payloads WHERE rowid > :after ORDER BY rowid LIMIT :limit;
