"""Copies of what is kept of users."""
