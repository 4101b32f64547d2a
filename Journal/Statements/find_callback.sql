-- Whether an instance names a URL, anybody switched it, or a delivery goes there.
SELECT EXISTS (SELECT 1 FROM callbacks WHERE url = :url)
  OR EXISTS (SELECT 1 FROM instances WHERE callback = :url)
  OR EXISTS (SELECT 1 FROM deliveries WHERE url = :url);
