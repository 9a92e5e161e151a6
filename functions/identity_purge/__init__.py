"""The end of what is kept for a time only."""
