"""Queries: from what a client sent to documents in order."""
