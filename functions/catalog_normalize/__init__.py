"""Turns raw pages into canonical items."""
