"""Titles, offers and genres: what is true about something to watch."""
