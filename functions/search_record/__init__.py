"""Keeps the searches that were answered."""
