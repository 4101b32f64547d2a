-- Names for people: what is true now. $ stands for the generation in force.
CREATE VIEW feeds AS SELECT * FROM feeds_$;
CREATE VIEW objects AS SELECT * FROM objects_$;
CREATE VIEW agenda AS SELECT * FROM agenda_$;
CREATE VIEW replays AS SELECT * FROM replays_$;
CREATE VIEW entries AS SELECT * FROM entries_$;
CREATE VIEW effects AS SELECT * FROM effects_$;
CREATE VIEW changes AS SELECT * FROM changes_$;
CREATE VIEW notices AS SELECT * FROM notices_$;
CREATE VIEW instances AS SELECT * FROM instances_$ WHERE until IS NULL;
CREATE VIEW cursors AS SELECT * FROM cursors_$ WHERE until IS NULL;
CREATE VIEW deliveries AS SELECT * FROM deliveries_$ WHERE until IS NULL;
CREATE VIEW callbacks AS SELECT * FROM callbacks_$ WHERE until IS NULL;
