"""Pages on which accounts are made."""
