"""How well questions are read, measured on labelled ones."""
