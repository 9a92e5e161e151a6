"""Questions about the sample, what of it answers them by its facts, and how well search does."""
