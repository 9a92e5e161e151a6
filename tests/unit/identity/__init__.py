"""Decisions about accounts, sessions and tokens."""
