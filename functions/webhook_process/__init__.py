"""What becomes of a notice."""
