"""Accounts, applications and sessions (migration 0019)."""
