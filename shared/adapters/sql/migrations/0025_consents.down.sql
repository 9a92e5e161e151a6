DROP TABLE user_consent;
