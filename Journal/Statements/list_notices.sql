SELECT @key AS "#", position, kind, subject, text, opened_at_ms AS "openedAt@moment", closed_at_ms AS "closedAt@moment", instance
FROM notices WHERE true
