"""The admin service: databases, indexes, fields and long-running operations."""
