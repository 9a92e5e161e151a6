"""Where the tests of an emulator run: on ours, on Google's own, or on a project in the cloud.

``--target google`` starts Google's emulator once for all tests; ``--target cloud --project P`` uses
the services themselves, with the credentials that the machine has. Marks say what is not for all:

- ``ours``: needs a lever that ours alone has: its clock, its faults, its journal;
- ``differs``: Google's emulator answers otherwise; its README has the table;
- ``local``: is for emulators: it talks to their address, or would cost hours or money.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.emulated import google

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OURS, GOOGLE, CLOUD = "ours", "google", "cloud"
LEFT_OUT: Mapping[str, Sequence[str]] = {
    OURS: (),
    GOOGLE: ("ours", "differs"),
    CLOUD: ("ours", "local"),
}
MARKS = (
    "ours(reason): needs a lever that our emulator alone has",
    "differs(reason): Google's emulator answers otherwise",
    "local(reason): is for emulators, not for a project in the cloud",
)


def add_options(parser: pytest.Parser) -> None:
    """Let target and project be chosen."""
    parser.addoption("--target", choices=[*LEFT_OUT], default=OURS)
    parser.addoption("--project", default="", help="of --target cloud: a project for tests alone")


def target(config: pytest.Config) -> str:
    """Return which target was chosen."""
    return str(config.getoption("--target", default=OURS))


def project(config: pytest.Config) -> str:
    """Return the project in the cloud, empty where that is not the target."""
    return str(config.getoption("--project")) if target(config) == CLOUD else ""


def skip_unfit(request: pytest.FixtureRequest) -> None:
    """Leave a test out that is marked as not for the target."""
    for name in LEFT_OUT[target(request.config)]:
        marker = request.node.get_closest_marker(name)
        if marker is not None:
            pytest.skip(f"{name}: {marker.args[0]}")


def google_address(config: pytest.Config, emulator: str) -> Iterator[str | None]:
    """Yield where Google's emulator is, started for this; None where it is not the target.

    Skips what asks, with the reason, where the target can not be had.
    """
    chosen = target(config)
    if chosen == CLOUD and not config.getoption("--project"):
        pytest.skip("the cloud needs --project, a project for tests alone")
    if chosen != GOOGLE:
        yield None
        return
    if google.missing():
        pytest.skip(f"Google's emulator {google.missing()}")
    with google.running(emulator) as (address, _):
        yield address
