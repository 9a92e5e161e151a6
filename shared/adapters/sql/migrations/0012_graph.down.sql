DROP TABLE content_franchise;
DROP TABLE content_edge;
