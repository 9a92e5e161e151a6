"""Workflow files and their header: ``# schedule: 0 * * * *`` and ``# argument: {…}``."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LINE = re.compile(r"#\s*(schedule|time_zone|argument):\s*(.+?)\s*", re.IGNORECASE)
_CRON = re.compile(r"\S+( \S+){4}")


@dataclass(frozen=True)
class Header:
    """When a workflow starts by itself, and with what."""

    cron: str
    time_zone: str
    argument: Mapping[str, Any]


@dataclass(frozen=True)
class Workflow:
    """One file of ``workflows/``.

    Attributes:
        id: It is deployed under.
        source: Its text.
        header: When it starts by itself, None where only others start it.
    """

    id: str
    source: str
    header: Header | None


def read_workflows(folder: Path) -> list[Workflow]:
    """Return the workflows of a folder by name, none where there is no folder.

    Raises:
        ValueError: A header cannot be read; the message names the file.
    """
    return [
        Workflow(file.stem.replace("_", "-"), file.read_text(encoding="utf-8"), read_header(file))
        for file in sorted(folder.glob("*.yaml"))
    ]


def read_header(file: Path) -> Header | None:
    """Return the schedule a workflow file declares in the comments above its first step.

    Raises:
        ValueError: What is declared is no schedule or no JSON object; the message names the file.
    """
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if match := _LINE.fullmatch(line):
            found[match[1].lower()] = match[2]
    if "schedule" not in found:
        return None
    return Header(
        cron=_cron(file, found["schedule"]),
        time_zone=found.get("time_zone", "Etc/UTC"),
        argument=_argument(file, found.get("argument", "{}")),
    )


def _cron(file: Path, text: str) -> str:
    if not _CRON.fullmatch(text):
        raise ValueError(f"{file.name}: schedule {text!r} does not have five fields")
    return text


def _argument(file: Path, text: str) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise ValueError(f"{file.name}: argument is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise ValueError(f"{file.name}: argument must be a JSON object")  # noqa: TRY004 - its value
    return value
