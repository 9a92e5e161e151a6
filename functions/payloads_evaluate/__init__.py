"""How much of recorded answers of providers becomes part of items."""
