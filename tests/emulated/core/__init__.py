"""Behaviors of emulators.core."""
