"""What is kept in Redis, against the real server."""
