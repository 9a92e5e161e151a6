"""Pages on which passwords are chosen anew."""
