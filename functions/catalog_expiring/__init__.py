"""Lists titles that leave soon."""
