"""The adapters of PostgreSQL, against a real server."""
