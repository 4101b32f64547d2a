-- What a comparison has seen so far, in a temporary file of this connection.
CREATE TABLE IF NOT EXISTS temp.sightings (
  ticket INTEGER NOT NULL, -- which comparison
  object TEXT    NOT NULL,
  PRIMARY KEY (ticket, object)
) STRICT, WITHOUT ROWID;
