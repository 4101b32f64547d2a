-- What the next decision needs. Changed in the append's own transaction.
CREATE TABLE feeds_$ (
  feed            INTEGER PRIMARY KEY,
  instance        INTEGER NOT NULL,
  resource        TEXT    NOT NULL, -- the key in the configuration
  url             TEXT    NOT NULL, -- as configured
  collection_kind TEXT,             -- null where unsupported
  collection      TEXT,             -- the provider's id
  id_field        TEXT,             -- dotted path; null: the provider's own id
  updated_field   TEXT,             -- dotted path; null: the provider's own field, else the poll's time
  interval_ms     INTEGER NOT NULL,
  state           TEXT    NOT NULL CHECK (state IN ('open', 'unsupported', 'disabled', 'closed')),
  mode            TEXT    NOT NULL CHECK (mode IN ('baseline', 'changes', 'comparison')), -- of the next poll
  cursor          TEXT,             -- null before the first baseline
  failures        INTEGER NOT NULL, -- in a row
  not_before_ms   INTEGER NOT NULL, -- the provider's Retry-After; 0: none
  looked_at_ms    INTEGER,          -- when the last poll that moved the cursor began
  moved_at_ms     INTEGER,          -- when the cursor moved last
  next_at_ms      INTEGER,          -- when it is due; null: not on a schedule
  poll_request            INTEGER,          -- position of the last poll.requested that no poll has answered yet
  poll_requested_at_ms    INTEGER,          -- when that was due
  moved           INTEGER NOT NULL, -- position of the event that last changed cursor or mode
  rules           TEXT,             -- JSON: how dates are read and filtered by; null: not configured
  roster          INTEGER,          -- the feed whose poll found this collection
  member          TEXT,             -- its id in that roster
  announce_from_ms INTEGER          -- the baseline announces what was created since then
) STRICT;

CREATE INDEX feeds_by_instance_$ ON feeds_$ (instance);

-- Known objects: an object in here was announced, or was there at the baseline.
CREATE TABLE objects_$ (
  feed      INTEGER NOT NULL,
  object    TEXT    NOT NULL, -- the provider's own id
  revision  TEXT    NOT NULL,
  series    TEXT,             -- the series that it is an occurrence of
  is_gone   INTEGER NOT NULL CHECK (is_gone IN (0, 1)), -- a cancelled occurrence, kept while its series lives
  object_id TEXT,             -- the value at idField, where it is not the provider's id
  PRIMARY KEY (feed, object)
) STRICT, WITHOUT ROWID;

CREATE INDEX objects_by_series_$ ON objects_$ (feed, series) WHERE series IS NOT NULL;

-- Objects that could not be had or read, and are tried again.
CREATE TABLE missed_$ (
  feed        INTEGER NOT NULL,
  object      TEXT    NOT NULL, -- the provider's own id, or what stands for it
  tries       INTEGER NOT NULL CHECK (tries >= 1), -- in a row
  since_ms    INTEGER,          -- of a feed polled by dates: since when the poll looked that missed it first
  next_at_ms  INTEGER NOT NULL, -- Unix time in UTC, milliseconds
  PRIMARY KEY (feed, object)
) STRICT, WITHOUT ROWID;

-- Instances whose feeds are not polled: disabled or deleted.
CREATE TABLE paused_$ (
  instance INTEGER PRIMARY KEY
) STRICT;

-- What is to be done, and when.
CREATE TABLE agenda_$ (
  task      TEXT    NOT NULL CHECK (task IN ('poll', 'notify', 'deliver', 'replay')),
  subject   TEXT    NOT NULL, -- stream whose turn it is; for notify the position of the poll
  state     TEXT    NOT NULL CHECK (state IN ('due', 'begun', 'held')), -- begun: an attempt's outcome is not recorded yet
  due_at_ms INTEGER NOT NULL, -- Unix time in UTC, milliseconds
  instance  INTEGER NOT NULL, -- 0 where it concerns none
  url       TEXT,             -- where a held delivery would go
  since     INTEGER NOT NULL, -- position of the event that put it here: of what is due at once the older goes first
  replay    INTEGER NOT NULL DEFAULT 0, -- the replay that a delivery is of; 0: of none
  made_at_ms INTEGER NOT NULL DEFAULT 0, -- when a delivery was due first: what was held goes on in this order
  is_tried  INTEGER NOT NULL DEFAULT 0 CHECK (is_tried IN (0, 1)), -- attempted since it was asked for or released
  lane      INTEGER,          -- of a delivery: its instance, or less than 0 its replay; null: not one
  PRIMARY KEY (task, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX agenda_by_due_$ ON agenda_$ (task, state, due_at_ms, since);
CREATE INDEX agenda_by_lane_$ ON agenda_$ (lane, state, due_at_ms, since) WHERE lane IS NOT NULL;
CREATE INDEX agenda_by_instance_$ ON agenda_$ (instance, task);
CREATE INDEX agenda_by_replay_$ ON agenda_$ (replay, state, is_tried, due_at_ms) WHERE replay > 0;

-- What is held: by what it waits for, in the order in which it was made.
CREATE INDEX agenda_held_$ ON agenda_$ (url, since) WHERE state = 'held';
CREATE INDEX agenda_held_by_group_$ ON agenda_$ (url, instance, replay, since) WHERE state = 'held';
CREATE INDEX agenda_held_by_instance_$ ON agenda_$ (instance, replay, since) WHERE state = 'held';

-- The deliveries that wait of one instance or replay are one lane. When the first of a lane comes due says this
-- table, so that to find the next costs the same however many wait, and in however many lanes.
CREATE TABLE lanes_$ (
  lane      INTEGER PRIMARY KEY, -- an instance, or less than 0 a replay
  due_at_ms INTEGER              -- Unix time in UTC, milliseconds; null: nothing waits
) STRICT;

CREATE INDEX lanes_by_due_$ ON lanes_$ (due_at_ms) WHERE due_at_ms IS NOT NULL;

CREATE TABLE replays_$ (
  replay        INTEGER PRIMARY KEY, -- position of its replay.requested
  url           TEXT    NOT NULL,
  mode          TEXT    NOT NULL,
  state         TEXT    NOT NULL CHECK (state IN ('running', 'stopped', 'completed')),
  notifications INTEGER NOT NULL,
  requested     INTEGER NOT NULL, -- deliveries asked for so far
  sent          INTEGER NOT NULL, -- of these, tried at least once
  succeeded     INTEGER NOT NULL,
  failed        INTEGER NOT NULL
) STRICT;
