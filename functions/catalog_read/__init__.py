"""What there is to know about titles."""
