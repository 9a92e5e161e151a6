DROP TABLE series_link, series_part;
DROP INDEX availability_hidden;
ALTER TABLE availability DROP COLUMN hidden_at;
