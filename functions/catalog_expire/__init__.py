"""Ends offers whose time is over."""
