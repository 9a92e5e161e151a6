"""Managed servers: real PostgreSQL and Redis."""
