SELECT url, mode, state, notifications, requested, sent, succeeded, failed FROM replays_$ WHERE replay = :replay;
