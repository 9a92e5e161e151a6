"""Spelling in the catalogue's own words: fuzzy titles, and words that viewers mistyped."""
