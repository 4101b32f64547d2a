DELETE FROM staged WHERE ticket = :ticket;
