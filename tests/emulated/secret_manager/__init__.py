"""Behaviors of emulators.secret_manager."""
