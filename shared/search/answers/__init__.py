"""Answers of search that are kept for who asks the same."""
