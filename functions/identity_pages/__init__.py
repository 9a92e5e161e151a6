"""Pages on which a browser signs in."""
