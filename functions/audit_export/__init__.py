"""Keeps the audit log where nobody can change it."""
