"""What is said of every emulator."""
