"""What the clock does to sessions."""
