"""Versions of the ranking's configuration."""
