"""Measures typos on data."""
