"""Passwords that are lost, or changed."""
