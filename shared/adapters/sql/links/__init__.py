"""What links are made of, and what they came to."""
