"""The folder of an export.

    state.json                    what this is, and how many entries each file has
    pubsub/topic.jsonl            one line an entry, by key: {"key": …, "proto": {…}}
    firestore/document.jsonl      …

The same state gives the same bytes. Payloads of secrets are in it, so only its owner can read it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import quote, unquote

from emulators.state.codecs import FORMS, CodecError, readable, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

MANIFEST: Final = "state.json"
_VERSION: Final = 1
_OF_THE_PROCESS: Final = frozenset({"pubsub.boot", "core.boot", "core.fault"})
"""Spaces about processes, not about what they serve."""

# What an entry names must be there: part of its key (0 before a line break, 1 behind it), space.
_REFERENCES: Final[Mapping[str, tuple[tuple[int, str], ...]]] = {
    "pubsub.pending": ((0, "pubsub.subscription"), (1, "pubsub.message")),
    "pubsub.acknowledged": ((0, "pubsub.subscription"), (1, "pubsub.message")),
    "pubsub.captured": ((0, "pubsub.snapshot"), (1, "pubsub.message")),
    "pubsub.logged": ((0, "pubsub.topic"), (1, "pubsub.message")),
    "secret_manager.payload": ((0, "secret_manager.version"),),
}
_NAMED: Final = frozenset(
    {
        "pubsub.topic",
        "pubsub.subscription",
        "pubsub.snapshot",
        "firestore.document",
        "secret_manager.secret",
        "secret_manager.version",
    }
)
"""Spaces whose keys are the names that their messages say."""

State: TypeAlias = "dict[str, dict[str, bytes]]"
"""Values by space and key."""


class DamagedError(ValueError):
    """A folder is no export; the message begins with the file, then the line and field."""


def state_of(entries: Iterable[tuple[str, str, bytes]]) -> State:
    """Return what a journal holds, but for what is about its processes."""
    state: State = {}
    for space, key, value in entries:
        if space not in _OF_THE_PROCESS:
            state.setdefault(space, {})[key] = value
    return state


def export(state: State, folder: Path) -> dict[str, int]:
    """Write a state into a new or empty folder; returns the number of entries by file.

    Raises:
        DamagedError: There is something in the folder.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DamagedError(f"{folder}: an export wants a new or empty folder")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    counts = {}
    for space in sorted(state):
        service, _, rest = space.partition(".")
        name = f"{service}/{quote(rest, safe='')}.jsonl"
        (folder / service).mkdir(exist_ok=True, mode=0o700)
        lines = [_line(space, key, state[space][key]) for key in sorted(state[space])]
        _write(folder / name, "".join(lines))
        counts[name] = len(lines)
    manifest = {"format": "media-gateway-emulators", "version": _VERSION, "entries": counts}
    _write(folder / MANIFEST, json.dumps(manifest, indent=1, sort_keys=True) + "\n")
    return counts


def _line(space: str, key: str, value: bytes) -> str:
    form, content = readable(space, value)
    # A map of a message has no order of its own; JSON keeps the one it was given.
    sort = form == "proto"
    return json.dumps({"key": key, form: content}, ensure_ascii=False, sort_keys=sort) + "\n"


def _write(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text, encoding="utf-8", newline="\n")


def read(folder: Path) -> State:
    """Return the state that was exported to a folder.

    Raises:
        DamagedError: It is not whole, or says what cannot be.
    """
    counts = _counts(folder)
    found = {str(file.relative_to(folder)) for file in folder.rglob("*.jsonl")}
    if extra := sorted(found - counts.keys()):
        raise DamagedError(f"{extra[0]}: {MANIFEST} does not say that it is there")
    state: State = {}
    for name, count in sorted(counts.items()):
        service, _, rest = name.removesuffix(".jsonl").partition("/")
        state[f"{service}.{unquote(rest)}"] = _entries(folder, name, count)
    for space in state:
        _check_references(state, space)
    return state


def _counts(folder: Path) -> dict[str, int]:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != "media-gateway-emulators" or manifest["version"] != _VERSION:
            raise DamagedError(f"{MANIFEST}: format: is not an export of this version")
        return {str(name): int(count) for name, count in manifest["entries"].items()}
    except OSError as error:
        raise DamagedError(f"{MANIFEST}: cannot be read: {error}") from error
    except (ValueError, TypeError, AttributeError) as error:
        if isinstance(error, DamagedError):
            raise
        raise DamagedError(f"{MANIFEST}: is damaged: {error}") from error
    except KeyError as error:
        raise DamagedError(f"{MANIFEST}: {error.args[0]}: is missing") from error


def _entries(folder: Path, name: str, count: int) -> dict[str, bytes]:
    try:
        text = (folder / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DamagedError(f"{name}: cannot be read: {error}") from error
    service, _, rest = name.removesuffix(".jsonl").partition("/")
    space = f"{service}.{unquote(rest)}"
    entries: dict[str, bytes] = {}
    # Not splitlines: what is written may hold other kinds of line breaks.
    for number, line in enumerate(text.split("\n")[:-1], 1):
        key, value = _entry(f"{name}:{number}", space, line)
        if key in entries:
            raise DamagedError(f"{name}:{number}: key: {key!r} is there twice")
        entries[key] = value
    if len(entries) != count or (text and not text.endswith("\n")):
        raise DamagedError(f"{name}: has {len(entries)} entries, {MANIFEST} says {count}")
    return entries


def _entry(where: str, space: str, line: str) -> tuple[str, bytes]:
    try:
        record: Any = json.loads(line)
    except ValueError as error:
        raise DamagedError(f"{where}: is no JSON: {error}") from error
    if not isinstance(record, dict) or not isinstance(record.get("key"), str):
        raise DamagedError(f"{where}: key: is missing")
    forms = sorted(record.keys() - {"key"})
    if len(forms) != 1 or forms[0] not in FORMS:
        raise DamagedError(f"{where}: {', '.join(forms) or 'value'}: one of {', '.join(FORMS)}")
    key, form = record["key"], forms[0]
    try:
        value = written(space, form, record[form])
    except CodecError as error:
        raise DamagedError(f"{where}: {error}") from error
    if space in _NAMED and form == "proto" and record[form].get("name") != key:
        raise DamagedError(f"{where}: name: is not the key {key!r}")
    return key, value


def _check_references(state: State, space: str) -> None:
    for part, other in _REFERENCES.get(space, ()):
        for key in state[space]:
            name = key.split("\n")[part] if "\n" in key or part == 0 else ""
            if name not in state.get(other, {}):
                file = space.replace(".", "/", 1)
                raise DamagedError(f"{file}.jsonl: key: there is no {other} {name!r} for {key!r}")
