"""A user's sessions: which there are, and their end."""
