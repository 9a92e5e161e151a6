"""Which records speak of the same title, decided without a database."""
