DROP TABLE unembedded_told;
