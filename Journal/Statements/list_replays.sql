SELECT @key AS "#", replay, url, mode, state, notifications AS total, sent, succeeded, failed
FROM replays WHERE true
