-- callback.disabled, callback.enabled: a row that was written ends
UPDATE callbacks_$ SET until = :until WHERE rowid = :row;
