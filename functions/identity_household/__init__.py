"""The viewers of an account, and as whom a session goes on."""
