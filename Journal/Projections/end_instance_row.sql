-- instance.*, authorization.*: a row that was written ends
UPDATE instances_$ SET until = :until WHERE rowid = :row;
