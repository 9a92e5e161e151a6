"""Which records speak of the same title."""
