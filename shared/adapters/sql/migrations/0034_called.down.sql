DROP INDEX content_franchise_called;
ALTER TABLE content_franchise
  DROP COLUMN words,
  DROP COLUMN called;
