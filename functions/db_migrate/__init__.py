"""Brings the database's schema to the newest version."""
