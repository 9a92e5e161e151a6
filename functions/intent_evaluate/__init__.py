"""Measures how well questions are read, on labelled ones."""
