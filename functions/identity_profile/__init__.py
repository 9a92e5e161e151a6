"""A user's own account, as they see and change it."""
