"""Which indexes queries need, which they are served by, and what is said where none does."""
