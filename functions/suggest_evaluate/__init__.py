"""Measures suggestions on data."""
