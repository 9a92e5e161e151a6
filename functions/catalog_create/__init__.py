"""Titles and offers that administrators add."""
