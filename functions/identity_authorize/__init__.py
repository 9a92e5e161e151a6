"""Applications that ask users for access, and what users allow them."""
