"""Counts popular searches, and forgets old ones."""
