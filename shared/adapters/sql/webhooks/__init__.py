"""Webhooks in PostgreSQL."""
