"""A viewer's journey."""
