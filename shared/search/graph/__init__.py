"""Titles as a graph: who is like whom and why, and walks from a title to its neighbors."""
