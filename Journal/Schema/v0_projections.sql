-- How far the disposable tables have read, and which generation of them is in force.
CREATE TABLE projections (
  name       TEXT    PRIMARY KEY CHECK (name IN ('decisions', 'reports', 'rebuild')),
  generation INTEGER NOT NULL, -- suffix of the tables: feeds_1, …
  revision   INTEGER NOT NULL, -- of the program's projections; an older program may read, not append
  position   INTEGER NOT NULL  -- the last event folded into them
) STRICT;
