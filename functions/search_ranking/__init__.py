"""How searches are ranked, as administrators set it."""
