DROP TABLE ranking_config;
