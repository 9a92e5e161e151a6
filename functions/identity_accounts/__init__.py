"""Accounts: how one begins, and how its password is used and changed."""
