"""What each bundle is made of, as CycloneDX: ``python -m terraform.pipeline.sbom``.

One file per bundle and one for the image of the jobs, made of the pins that are inside them, which
are all that they install. Equal bundles make equal files.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import uuid
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

BUILD = Path(__file__).parents[2] / "build"
JOBS = "jobs"
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(;)?", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_SPACE = uuid.UUID("7d9d2b34-3f0e-5a55-9f0b-4e0c9a0a4d1f")
"""Under which serial numbers are made; any other would do, if it never changed."""
_AT = datetime(1980, 1, 1, tzinfo=UTC)
"""As old as every file of a bundle: the time of making it is not part of what it holds."""


@dataclass(frozen=True)
class Pinned:
    """One distribution of a bundle.

    Attributes:
        name: As it is pinned.
        version: Its version.
        hashes: SHA-256 of each file that may be installed for it.
        optional: Whether it is installed on some machines only.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    optional: bool


def pinned(requirements: str) -> list[Pinned]:
    """Return what a file of pins installs, in its order."""
    starts = list(_PIN.finditer(requirements))
    ends = [found.start() for found in starts[1:]] + [len(requirements)]
    return [
        Pinned(
            found[1],
            found[2],
            tuple(_HASH.findall(requirements, found.end(), end)),
            optional=found[3] is not None,
        )
        for found, end in zip(starts, ends, strict=True)
    ]


def listed(name: str, digest: str, requirements: str) -> str:
    """Return the CycloneDX document of one deployable, as JSON.

    Args:
        name: What is deployed.
        digest: SHA-256 of it, which is its version.
        requirements: Its pins.
    """
    whole = Component(
        name=name,
        version=digest,
        type=ComponentType.APPLICATION,
        bom_ref=name,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest)],
    )
    bom = Bom(serial_number=uuid.uuid5(_SPACE, f"{name} {digest}"))
    bom.metadata.timestamp = _AT
    bom.metadata.component = whole
    parts = [_component(one) for one in pinned(requirements)]
    bom.components.update(parts)
    bom.register_dependency(whole, parts)
    return JsonV1Dot6(bom).output_as_string(indent=1) + "\n"


def _component(one: Pinned) -> Component:
    purl = PackageURL("pypi", name=one.name, version=one.version)
    return Component(
        name=one.name,
        version=one.version,
        type=ComponentType.LIBRARY,
        bom_ref=purl.to_string(),
        purl=purl,
        scope=ComponentScope.OPTIONAL if one.optional else ComponentScope.REQUIRED,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=value) for value in one.hashes],
    )


def documents(build: Path) -> Iterator[tuple[str, str]]:
    """Yield name and document of every bundle below ``build``, and of the jobs' image."""
    for file in sorted((build / "functions").glob("*.zip")):
        with zipfile.ZipFile(file) as archive:
            requirements = archive.read("requirements.txt").decode()
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        yield file.stem, listed(file.stem, digest, requirements)
    jobs = build / JOBS / "requirements.txt"
    if jobs.exists():
        content = jobs.read_bytes()
        yield JOBS, listed(JOBS, hashlib.sha256(content).hexdigest(), content.decode())


def main(arguments: Sequence[str] | None = None) -> int:
    """Write one document per bundle; 2 where there is no bundle."""
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.sbom")
    parser.add_argument("--build", type=Path, default=BUILD, help="where the bundles are (build)")
    asked = parser.parse_args(arguments)
    found = list(documents(asked.build))
    if not found:
        sys.stderr.write(f"{asked.build / 'functions'}: holds no bundle\n")
        return 2
    folder = asked.build / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in found:
        (folder / f"{name}.cdx.json").write_text(document, encoding="utf-8")
    sys.stdout.write(f"{len(found)} documents below {folder}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
