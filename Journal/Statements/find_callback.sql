-- Whether anybody ever named a URL, switched it, or sent something there.
SELECT EXISTS (SELECT 1 FROM callbacks WHERE url = :url)
  OR EXISTS (SELECT 1 FROM instances WHERE callback = :url)
  OR EXISTS (SELECT 1 FROM deliveries WHERE url = :url);
