SELECT count(*) FROM secrets;
