"""Titles as administrators write them."""
