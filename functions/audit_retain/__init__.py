"""Keeps the audit log as long as it may be kept, and sees that nobody touched it."""
