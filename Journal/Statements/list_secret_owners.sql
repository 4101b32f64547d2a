SELECT DISTINCT owner FROM secrets ORDER BY owner;
