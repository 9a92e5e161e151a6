ALTER TABLE listing_region DROP COLUMN runtime_minutes;
DROP TABLE title_outline, provider_stop;
