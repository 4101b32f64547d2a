SELECT 1 FROM payloads WHERE digest = :digest;
