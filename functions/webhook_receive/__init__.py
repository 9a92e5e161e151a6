"""Notices that platforms push."""
