"""How much of what providers say becomes part of an item, measured leaf by leaf."""
