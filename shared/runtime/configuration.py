"""Where each setting came from: ``mg config explain``, or this module run by itself."""

import re
import sys
from dataclasses import dataclass
from typing import Any

import orjson
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from shared.runtime.settings import Settings, settings, variable

_PASSWORD = re.compile(r"(://[^/:@]*:)[^/@]+@")


@dataclass(frozen=True)
class Explained:
    """One setting.

    Attributes:
        name: Its environment variable.
        value: As it is in force, passwords struck out.
        source: ``environment``, ``.env`` or ``default``; the first of them that names it wins.
    """

    name: str
    value: str
    source: str


def explained() -> list[Explained]:
    """Return every setting in the order it is declared.

    Raises:
        SystemExit: They cannot be used; every error was written.
    """
    found = settings()
    given = {
        "environment": _given(EnvSettingsSource(Settings)),
        ".env": _given(DotEnvSettingsSource(Settings)),
    }
    return [
        Explained(variable(name), _shown(getattr(found, name)), _source(variable(name), given))
        for name in Settings.model_fields
    ]


def _given(source: EnvSettingsSource) -> set[str]:
    # Names are compared as the library does: in any case.
    return {name.upper() for name in source.env_vars}


def _source(name: str, given: dict[str, set[str]]) -> str:
    return next((source for source, names in given.items() if name in names), "default")


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever a setting is
    written = ",".join(value) if isinstance(value, tuple) else str(value)
    return _PASSWORD.sub(r"\1***@", written)


def main() -> int:
    """Print every setting as one JSON object by name."""
    shown = {one.name: {"value": one.value, "source": one.source} for one in explained()}
    sys.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode() + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
