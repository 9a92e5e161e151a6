"""Accounts, sign-in, tokens and what they allow: who somebody is, and how they prove it."""
