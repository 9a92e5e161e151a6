"""State as a folder, and runs once more."""
