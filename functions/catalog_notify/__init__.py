"""Tells which titles leave soon, once per window."""
