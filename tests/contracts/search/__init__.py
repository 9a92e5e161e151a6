"""Ports of search, on the fake and on the adapter."""
