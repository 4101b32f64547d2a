DELETE FROM progress WHERE ticket = :ticket;
