"""Stand-ins for the catalogue providers, with a state of their own."""
