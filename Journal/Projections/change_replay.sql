-- replay.stopped, replay.resumed, replay.completed
UPDATE replays_$ SET
  state = CASE :type WHEN 'replay.stopped' THEN 'stopped' WHEN 'replay.completed' THEN 'completed' ELSE 'running' END
WHERE replay = :body ->> 'replay';
