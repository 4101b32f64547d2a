SELECT owner FROM secrets WHERE look_up = :look_up;
