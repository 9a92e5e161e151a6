"""Merges titles and parts them, for administrators."""
