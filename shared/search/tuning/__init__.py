"""How searches are ranked, as administrators set it: weights, versions, and who gets which."""
