"""Signing in with accounts elsewhere, and which of them open the caller's own."""
