DROP TABLE genre_miss;
