"""``python -m emulators.hub``: run the local cloud in the foreground."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict

from emulators.core import environment
from emulators.hub.layout import layout_of
from emulators.hub.record import Record, read
from emulators.hub.supervisor import Hub, HubOptions, root_of_checkout


def say(text: str) -> None:
    """Write one line to the terminal."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """Write one line beside the output."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def show(record: Record) -> None:
    """Print where everything is, as one object."""
    say(json.dumps(asdict(record)))


def _silent(_record: Record) -> None:
    """The terminal was told already."""


def main() -> int:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, help="of the gateway; 0 moves everything")
    parser.add_argument("--no-sample", action="store_true", help="start empty")
    parser.add_argument("--json", action="store_true", help="print one object when ready")
    given = parser.parse_args()
    layout = layout_of(root_of_checkout(), environment.load(), given.port)
    if (found := read(layout.record)) is not None:
        sys.stderr.write(f"the local cloud of {layout.state} runs already, process {found.pid}\n")
        return 1
    options = HubOptions(sample=not given.no_sample, ready=show if given.json else _silent)
    return asyncio.run(Hub(layout, options, tell if given.json else say).run())


if __name__ == "__main__":
    raise SystemExit(main())
