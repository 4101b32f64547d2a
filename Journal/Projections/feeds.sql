-- Feeds as the next poll has to see them. Changed in the append's own transaction.

-- name: feeds_table
-- A row for each feed, also a closed one.
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
  state           TEXT    NOT NULL CHECK (state = 'open' OR state = 'unsupported' OR state = 'disabled' OR state = 'closed'),
  mode            TEXT    NOT NULL CHECK (mode = 'baseline' OR mode = 'changes' OR mode = 'comparison'), -- of the next poll
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

-- name: open_feed
-- feed.opened: the feed is there, and its next poll learns what exists.
INSERT INTO feeds_$ (feed, instance, resource, url, collection_kind, collection, id_field, updated_field,
  interval_ms, state, mode, cursor, failures, not_before_ms, moved_at_ms, next_at_ms, moved, rules, roster,
  member, announce_from_ms)
VALUES (:body ->> 'feed', :body ->> 'instance', :body ->> 'resource', :body ->> 'url',
  :body ->> 'collection_kind', :body ->> 'collection', :body ->> 'id_field', :body ->> 'updated_field',
  :body ->> 'interval_ms', iif(:body ->> 'supported', 'open', 'unsupported'), 'baseline', NULL, 0, 0,
  NULL, :body ->> 'next_at_ms', :position, :body -> 'rules', :body ->> 'roster', :body ->> 'member',
  :body ->> 'announce_from_ms');

-- name: update_feed
-- feed.updated: what was configured is other.
UPDATE feeds_$ SET url = :body ->> 'url', id_field = :body ->> 'id_field', updated_field = :body ->> 'updated_field',
  interval_ms = :body ->> 'interval_ms', next_at_ms = :body ->> 'next_at_ms', rules = :body -> 'rules'
WHERE feed = :body ->> 'feed';

-- name: change_feed_state
-- feed.closed, feed.disabled, feed.enabled: whether it is polled.
UPDATE feeds_$ SET
  state = CASE :type WHEN 'feed.closed' THEN 'closed' WHEN 'feed.disabled' THEN 'disabled' ELSE 'open' END,
  failures = iif(:type = 'feed.enabled', 0, failures),
  next_at_ms = :body ->> 'next_at_ms'
WHERE feed = :body ->> 'feed';

-- name: complete_poll
-- poll.completed: the cursor has moved, or stays where it says none. A poll request that came while it was under way is still open.
UPDATE feeds_$ SET mode = 'changes', cursor = coalesce(:body ->> 'cursor_after', cursor), failures = 0, not_before_ms = 0,
  looked_at_ms = :body ->> 'started_at_ms', moved_at_ms = :body ->> 'polled_at_ms', next_at_ms = :body ->> 'next_at_ms',
  moved = :position, announce_from_ms = NULL,
  poll_request = iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_request, NULL),
  poll_requested_at_ms = iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_requested_at_ms, NULL)
WHERE feed = :body ->> 'feed';

-- name: fail_poll
-- poll.failed: the cursor stays. The next poll keeps to Retry-After; without a next one, the time of the log has
-- to do.
UPDATE feeds_$ SET failures = :body ->> 'failures', next_at_ms = :body ->> 'next_at_ms',
  poll_request = iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_request, NULL),
  poll_requested_at_ms = iif(poll_requested_at_ms > :body ->> 'started_at_ms', poll_requested_at_ms, NULL),
  not_before_ms = iif(:body ->> 'retry_after_ms' IS NULL, 0,
    coalesce(:body ->> 'next_at_ms' - :body ->> 'jitter_ms', :recorded_at_ms + (:body ->> 'retry_after_ms')))
WHERE feed = :body ->> 'feed';

-- name: drop_cursor
-- cursor.expired, cursor.reset: the next poll compares or learns anew. A baseline that a person asks for announces
-- nothing.
UPDATE feeds_$ SET mode = coalesce(:body ->> 'mode', 'comparison'),
  next_at_ms = :body ->> 'next_at_ms', moved = :position, announce_from_ms = NULL
WHERE feed = :body ->> 'feed';

-- name: upsert_poll_request
-- poll.requested: somebody waits for a poll, where the feed is polled at all.
UPDATE feeds_$ SET poll_request = :position, poll_requested_at_ms = :body ->> 'at_ms'
WHERE feed = :body ->> 'feed' AND state = 'open'
  AND NOT EXISTS (SELECT 1 FROM paused_$ WHERE paused_$.instance = feeds_$.instance);

-- name: delete_poll_request
-- feed.closed, feed.disabled: nobody waits for a poll any more.
UPDATE feeds_$ SET poll_request = NULL, poll_requested_at_ms = NULL WHERE feed = :body ->> 'feed';

-- name: clear_poll_requests
-- instance.disabled, instance.deleted: nobody waits for a poll of its feeds any more.
UPDATE feeds_$ SET poll_request = NULL, poll_requested_at_ms = NULL WHERE instance = :body ->> 'instance';

-- name: step_clock_of_feeds
-- clock.stepped: the provider's Retry-After moves as well, and when somebody asked for a poll.
UPDATE feeds_$ SET next_at_ms = next_at_ms + (:body ->> 'by_ms'),
  poll_requested_at_ms = poll_requested_at_ms + (:body ->> 'by_ms'),
  not_before_ms = iif(not_before_ms = 0, 0, max(0, not_before_ms + (:body ->> 'by_ms')));
