"""How good the answers of a search are, on questions whose answers somebody judged."""
