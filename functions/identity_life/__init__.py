"""How an account leaves, comes back and takes its data."""
