"""``mg``, the command line of the local cloud."""

from emulators.cli.app import main

__all__ = ["main"]
