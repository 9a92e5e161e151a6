"""What searches come to: noted without naming anybody, counted, and told again."""
