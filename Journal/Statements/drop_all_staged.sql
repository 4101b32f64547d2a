DELETE FROM staged;
