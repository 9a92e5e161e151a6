"""Pages of what is an account's own."""
