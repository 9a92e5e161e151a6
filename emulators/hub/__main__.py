"""``python -m emulators.hub``: run the local cloud in the foreground."""

import argparse
import asyncio
import sys

from emulators.core import environment
from emulators.hub.layout import layout_of
from emulators.hub.supervisor import Hub, HubOptions, root_of_checkout


def say(text: str) -> None:
    """Write one line to the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, help="of the gateway; 0 moves everything")
    parser.add_argument("--no-sample", action="store_true", help="start empty")
    options = parser.parse_args()
    layout = layout_of(root_of_checkout(), environment.load(), options.port)
    return asyncio.run(Hub(layout, HubOptions(sample=not options.no_sample), say).run())


if __name__ == "__main__":
    raise SystemExit(main())
