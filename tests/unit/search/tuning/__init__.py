"""How searches are ranked, as it is set."""
