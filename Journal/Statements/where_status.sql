AND status = :status
