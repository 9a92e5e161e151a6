"""The vector index, kept equal to the catalogue."""
