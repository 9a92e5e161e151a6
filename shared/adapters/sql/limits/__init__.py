"""Limits that administrators change."""
