"""docs/api.md from the manifests: ``python -m functions.api``, ``--check`` whether it is old."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from functions.manifest import Manifest, ManifestError, read_all, service_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from functions.route import Route

PAGE = Path(__file__).parents[1] / "docs" / "api.md"
HEAD = """# API

Made from the manifests by `python -m functions.api`; a test holds it to them. Errors are problem
documents, listed in [problems.md](problems.md); parameters are in [reference.md](reference.md).

*Who* is who may call: `public` anyone, `optional` anyone, and a viewer's token is honored, `user` a
viewer, `admin` an operator, `service` another function and nobody from outside, `signature` a
provider that signs. *Rate* is the class of the limit. *Cached* is how long the gateway may keep an
answer.
"""
COLUMNS = ("method", "path", "who", "rate", "cached", "operation", "service", "summary")


def page(manifests: Mapping[str, Manifest]) -> str:
    """Return the text of docs/api.md."""
    areas = sorted({manifest.area for manifest in manifests.values() if manifest.http})
    return HEAD + "".join(_area(area, manifests) for area in areas)


def _area(area: str, manifests: Mapping[str, Manifest]) -> str:
    rows = [
        _row(name, manifest, route)
        for name, manifest in manifests.items()
        if manifest.area == area
        for route in manifest.http
    ]
    rows.sort(key=lambda row: (row[1], row[0]))
    rule = "|---" * len(COLUMNS) + "|\n"
    return "".join([f"\n## {area}\n\n", _line(COLUMNS), rule, *map(_line, rows)])


def _row(name: str, manifest: Manifest, route: Route) -> tuple[str, ...]:
    return (
        route.method,
        f"`{route.path}`",
        ", ".join([route.auth, *(f"`{scope}`" for scope in route.scopes)]),
        route.rate or "–",
        f"{route.cache_seconds} s" if route.cache_seconds else "–",
        ", ".join([f"`{route.operation}`", *_manners(route)]),
        f"`{service_name(name)}`",
        manifest.summary,
    )


def _manners(route: Route) -> Iterator[str]:
    if route.idempotent:
        yield "idempotent"
    if route.stream:
        yield "streamed"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def main(arguments: Sequence[str]) -> int:
    """Write the page, or compare it; 1 where it is old or a manifest is wrong, 2 for bad usage."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m functions.api [--check]\n")
        return 2
    try:
        text = page(read_all())
    except ManifestError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if not arguments:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    sys.stderr.write("docs/api.md is not what the manifests say: run python -m functions.api\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
