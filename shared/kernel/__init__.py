"""Errors, ids, clock, text and events: what three areas need."""
