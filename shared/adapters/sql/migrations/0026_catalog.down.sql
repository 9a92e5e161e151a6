DROP TABLE title_outline, provider_stop;
