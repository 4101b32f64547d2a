-- A thing and what is wrong with it, as JSON.
SELECT json_array(:name, :text);
