"""The supervisor of the local cloud."""
