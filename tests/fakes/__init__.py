"""Stand-ins for ports."""
