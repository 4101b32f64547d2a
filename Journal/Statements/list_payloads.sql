SELECT rowid, digest, salt, form, content FROM payloads WHERE rowid > :after ORDER BY rowid LIMIT :limit;
