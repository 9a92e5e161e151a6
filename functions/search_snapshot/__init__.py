"""Builds the snapshot of the catalog that searches keep in memory."""
