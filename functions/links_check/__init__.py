"""Looks each week whether pages of platforms are still there."""
