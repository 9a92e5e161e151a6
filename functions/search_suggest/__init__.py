"""Suggestions while a viewer types."""
