"""Edges between titles, and walks along them."""
