SELECT count(*) FROM staged WHERE ticket = :ticket;
