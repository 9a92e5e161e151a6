"""Passkeys: registered, shown and taken off."""
