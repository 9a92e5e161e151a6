"""Feeds that YouTube's hub pushes."""
