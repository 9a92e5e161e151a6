"""Fills a new product with the sample."""
