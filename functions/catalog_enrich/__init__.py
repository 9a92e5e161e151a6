"""Vectors and quality scores for titles that changed."""
