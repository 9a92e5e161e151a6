DROP TABLE search_change;
