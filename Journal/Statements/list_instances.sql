SELECT @key AS "#", instance AS id, name, element, state, reason, callback,
  (SELECT json_group_array(resource) FROM
    (SELECT resource FROM cursors WHERE cursors.instance = instances.instance AND state <> 'closed' ORDER BY feed)
  ) AS "resources@json",
  (SELECT max(polled_at_ms) FROM cursors WHERE cursors.instance = instances.instance) AS "lastPollAt@moment",
  (SELECT min(next_at_ms) FROM cursors
    WHERE cursors.instance = instances.instance AND cursors.state = 'open' AND instances.state = 'enabled'
  ) AS "nextPollAt@moment",
  authorization, created_at_ms AS "createdAt@moment"
FROM instances WHERE state <> 'deleted'
