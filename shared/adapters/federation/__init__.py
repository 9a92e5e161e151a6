"""Accounts elsewhere: what Google, GitHub, Apple and OpenID providers say of who signs in there."""
