"""Search over all titles."""
