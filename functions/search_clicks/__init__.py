"""Takes what viewers opened from results."""
