AND +entries.feed IN (SELECT feed FROM cursors WHERE resource = :resource)
