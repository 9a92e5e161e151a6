"""Pages on which accounts leave and come back."""
