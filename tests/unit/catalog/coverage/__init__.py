"""How much of recorded answers is kept."""
