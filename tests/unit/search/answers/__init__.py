"""Answers that are kept for who asks the same."""
