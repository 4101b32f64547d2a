-- notice.raised
INSERT INTO notices_$ (position, stream, kind, subject, instance, text, opened_at_ms, closed_at_ms, until)
VALUES (:position, :stream, :body ->> 'kind', :body ->> 'subject', :body ->> 'instance', :body ->> 'text',
  :recorded_at_ms, NULL, NULL);
