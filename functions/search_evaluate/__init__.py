"""Measures search on data."""
