"""Letters to users: each is written and sent here."""
