"""Tokens for applications, and what becomes of them."""
