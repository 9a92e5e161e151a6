"""Notices that platforms push to us, and those that we push to subscribers."""
