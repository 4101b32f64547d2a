-- delivery.*: a row that was written ends
UPDATE deliveries_$ SET until = :until WHERE rowid = :row;
