DROP TABLE browser_session;
