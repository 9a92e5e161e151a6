"""Rates every title again."""
