"""What the catalogue's dictionary is made of, and what suggestions ask the catalogue."""
