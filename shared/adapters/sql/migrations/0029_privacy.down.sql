DROP TABLE privacy_preference;
