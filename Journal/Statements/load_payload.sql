SELECT salt, kind, form, length_bytes, content FROM payloads WHERE digest = :digest;
