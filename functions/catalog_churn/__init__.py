"""Counts how fast offers end and how late sources are."""
