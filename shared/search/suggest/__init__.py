"""Suggestions while a viewer types: titles, people, genres, platforms and themes."""
