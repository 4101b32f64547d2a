ATTACH DATABASE :name AS journal;
