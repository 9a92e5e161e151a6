"""Behaviors of emulators.pubsub."""
