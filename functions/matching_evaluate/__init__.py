"""Measures how well titles are matched, on labelled data."""
