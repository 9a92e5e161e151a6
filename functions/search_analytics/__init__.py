"""Tells administrators what searches come to."""
