-- Names of one connection alone: the past, or a copy.
DROP VIEW IF EXISTS temp.events;
DROP VIEW IF EXISTS temp.feeds;
DROP VIEW IF EXISTS temp.objects;
DROP VIEW IF EXISTS temp.agenda;
DROP VIEW IF EXISTS temp.replays;
DROP VIEW IF EXISTS temp.entries;
DROP VIEW IF EXISTS temp.effects;
DROP VIEW IF EXISTS temp.changes;
DROP VIEW IF EXISTS temp.notices;
DROP VIEW IF EXISTS temp.instances;
DROP VIEW IF EXISTS temp.cursors;
DROP VIEW IF EXISTS temp.deliveries;
DROP VIEW IF EXISTS temp.callbacks;
