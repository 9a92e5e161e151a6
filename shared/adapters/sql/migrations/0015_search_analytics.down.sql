DROP FUNCTION search_event_days;
DROP TABLE popular_search;
DROP TABLE search_click;
DROP TABLE search_text;
DROP TABLE search_asker;
DROP TABLE search_event;
