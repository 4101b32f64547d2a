-- Both listings of a poll.
DELETE FROM sightings WHERE ticket IN (:ticket, :ticket + 1);
