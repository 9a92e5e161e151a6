"""Limits that were changed, told again."""
