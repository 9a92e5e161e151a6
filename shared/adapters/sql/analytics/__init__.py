"""Searches and clicks in PostgreSQL, what they add up to, and what trends."""
