INSERT INTO payloads (digest, salt, kind, form, length_bytes, content)
VALUES (:digest, :salt, :kind, :form, :length_bytes, :content);
