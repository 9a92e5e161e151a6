"""Compares what is kept with a full run."""
