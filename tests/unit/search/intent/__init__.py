"""What is read from questions."""
