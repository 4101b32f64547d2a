-- What led to what. Follows the log by position.

-- name: effects_table
-- A row for each parent of an event.
CREATE TABLE effects_$ (
  cause  INTEGER NOT NULL, -- every parent of an event: a notification has up to ten
  effect INTEGER NOT NULL,
  PRIMARY KEY (cause, effect)
) STRICT, WITHOUT ROWID;

-- name: effects_indices
-- What folding itself does not need: a rebuild makes these after the rows.
CREATE INDEX IF NOT EXISTS effects_by_effect_$ ON effects_$ (effect, cause);

-- name: enter_effect
-- Every event with a cause; delivery.requested: each change that it tells is a parent as well.
INSERT INTO effects_$ (cause, effect) VALUES (:cause, :effect) ON CONFLICT DO NOTHING;
