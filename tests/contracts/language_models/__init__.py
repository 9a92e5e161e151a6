"""Language models, each over its own wire."""
