"""Seasons of a series, and their episodes."""
