DROP TABLE provider_stop;
