"""How well records are resolved, measured on labelled data."""
