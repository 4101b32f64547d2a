DELETE FROM staged WHERE ticket = :ticket AND place > :most;
