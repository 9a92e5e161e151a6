"""Records that were set aside, tried again."""
