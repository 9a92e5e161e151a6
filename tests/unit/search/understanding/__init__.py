"""What questions are taken for."""
