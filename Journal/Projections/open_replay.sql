-- replay.requested
INSERT INTO replays_$ (replay, url, mode, state, notifications, requested, sent, succeeded, failed)
VALUES (:position, :body ->> 'to', :body ->> 'mode', 'running', :body ->> 'notifications', 0, 0, 0, 0);
