DELETE FROM staged WHERE ticket NOT IN (SELECT ticket FROM progress);
