-- feed.*, poll.completed, poll.failed, cursor.*: a row that was written ends
UPDATE cursors_$ SET until = :until WHERE rowid = :row;
