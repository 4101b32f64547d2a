INSERT INTO staged (ticket, place, digest, salt, kind, form, length_bytes, content)
VALUES (:ticket, (SELECT coalesce(max(place), 0) + 1 FROM staged WHERE ticket = :ticket),
  :digest, :salt, :kind, :form, :length_bytes, :content);
