"""Places of seasons and episodes: kept as they are told, linked once their series is there."""
