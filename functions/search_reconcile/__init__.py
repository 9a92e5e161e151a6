"""Compares every point of the vector index with its title, and has the wrong ones made again."""
