"""Fake accounts elsewhere: servers like those of Google, GitHub, Apple and any OpenID provider."""
