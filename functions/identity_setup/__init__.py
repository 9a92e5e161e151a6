"""The product's own applications, and its first administrator."""
