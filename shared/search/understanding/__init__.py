"""What a search takes a question for: mended, read, with filters that a viewer may undo."""
