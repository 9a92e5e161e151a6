"""Takes reports of what links came to."""
