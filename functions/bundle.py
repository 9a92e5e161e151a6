"""What is uploaded: ``python -m functions.bundle search_query``, or ``--all``.

A bundle holds a folder's ``main.py`` and ``function.yaml``, the modules of `shared` that they reach
and nothing else of it (`functions.reach`), the hashed pins of the groups that the manifest names
(`functions.pins`), and the Python version. Equal input makes equal bytes; what a function does not
reach does not change its bundle. ``--all`` also fills ``build/jobs``, of which the image of the
jobs is built: the jobs' folders, what any of them reaches, the pins of all their groups.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import shutil
import sys
import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions import pins
from functions.manifest import Manifest, ManifestError, read_all, routes
from functions.reach import Reach, reach

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from functions.pins import Groups, Pin

ROOT = Path(__file__).parents[1]
PYTHON = "3.12"
"""The version that functions and jobs run on."""
NOT_SHIPPED = frozenset({"local", "dev"})
"""Groups of the local cloud and of the tests; nothing that is deployed may name them."""
ROUTES_SETTING = "MEDIA_GATEWAY_ROUTES_FILE"
DOCUMENTS = ("openapi.json", "llms.txt")
"""What the gateway answers of the API; made from the manifests like its routes."""
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip file can hold; every file of a bundle has it."""
READABLE = 0o100644


class BundleError(Exception):
    """A folder cannot be bundled; every line names a file, and its line or key."""


@dataclass(frozen=True)
class Bundle:
    """One deployable, ready to be written.

    Attributes:
        folder: Its name.
        files: Content by path inside the bundle.
        modules: Dotted names of the modules of `shared` in it.
        requirements: Canonical names of what it installs.
    """

    folder: str
    files: Mapping[str, bytes]
    modules: tuple[str, ...]
    requirements: frozenset[str]

    @cached_property
    def content(self) -> bytes:
        """The zip file: names sorted, one time and one mode for all.

        Nothing is compressed: what a compressor makes differs between versions of zlib.
        """
        return _zipped(self.files)

    @property
    def description(self) -> dict[str, Any]:
        """What ``build/manifest.json`` says of it."""
        return {
            "modules": list(self.modules),
            "requirements_sha256": _sha256(self.files["requirements.txt"]),
            "sha256": _sha256(self.content),
            "size": len(self.content),
        }


class Project:
    """A checkout, as far as bundles are made from it; each folder is read once."""

    def __init__(self, root: Path = ROOT) -> None:
        """Read what all bundles are made from, below ``root``.

        Raises:
            BundleError: A manifest is wrong, or there is none.
        """
        self.root = root
        self.groups: Groups = pins.read_groups(root / "pyproject.toml")
        self.pins: Sequence[Pin] = pins.read_pins(root / "requirements.txt")
        try:
            self.manifests: Mapping[str, Manifest] = read_all(root / "functions")
        except ManifestError as error:
            raise BundleError(str(error)) from None
        if not self.manifests:
            raise BundleError(f"{root / 'functions'}: holds no function.yaml")
        self._reached: dict[str, Reach] = {}
        self._bundles: dict[str, Bundle] = {}

    def reach(self, folder: str) -> Reach:
        """Return what the ``main.py`` of a folder reaches."""
        if folder not in self._reached:
            self._reached[folder] = reach(self.root, self.root / "functions" / folder / "main.py")
        return self._reached[folder]

    def bundle(self, folder: str) -> Bundle:
        """Return the bundle of a folder.

        Raises:
            BundleError: There is no such folder, or it reaches what it must not; every reason.
        """
        if folder not in self.manifests:
            raise BundleError(f"functions/{folder}/function.yaml: there is no such file")
        if folder not in self._bundles:
            self._bundles[folder] = self._make(folder)
        return self._bundles[folder]

    def _make(self, folder: str) -> Bundle:
        reached = self.reach(folder)
        problems = [*reached.problems, *self._disagreements(folder, reached)]
        if problems:
            raise BundleError("\n".join(problems))
        installed = self._installed(self.manifests[folder].dependencies)
        files = {file.as_posix(): (self.root / file).read_bytes() for file in reached.files}
        for name in ("main.py", "function.yaml"):
            files[name] = (self.root / "functions" / folder / name).read_bytes()
        files[".python-version"] = f"{PYTHON}\n".encode()
        files["requirements.txt"] = pins.requirements(self.pins, installed).encode()
        if ROUTES_SETTING in self.manifests[folder].env:
            files["routes.json"] = _json(routes(self.manifests))
            for name in DOCUMENTS:
                files[name] = (self.root / "docs" / name).read_bytes()
        return Bundle(folder, files, reached.modules, installed)

    def jobs(self) -> dict[str, bytes]:
        """Return what the image of the jobs is built of, by path.

        Raises:
            BundleError: A job cannot be bundled.
        """
        jobs = [name for name, manifest in self.manifests.items() if manifest.job]
        bundles = [self.bundle(name) for name in jobs]
        files: dict[str, bytes] = {}
        for bundle in bundles:
            own = {"main.py", "function.yaml"}
            files |= {f"functions/{bundle.folder}/{n}": bundle.files[n] for n in own}
            files |= {n: c for n, c in bundle.files.items() if n.startswith("shared/")}
        names = frozenset[str]().union(*(bundle.requirements for bundle in bundles))
        return {**files, "requirements.txt": pins.requirements(self.pins, names).encode()}

    def _installed(self, groups: Iterable[str]) -> frozenset[str]:
        wanted = self.groups.base.union(*(self.groups.by_name[group] for group in groups))
        try:
            return pins.closure(self.pins, wanted)
        except LookupError as error:
            raise BundleError(f"requirements.txt: {error}") from None

    def _disagreements(self, folder: str, reached: Reach) -> list[str]:
        """Return where manifest and code differ about what is installed."""
        named = self.manifests[folder].dependencies
        key = f"functions/{folder}/function.yaml: dependencies"
        known = self.groups.by_name.keys() - NOT_SHIPPED
        if unknown := [group for group in named if group not in known]:
            return [f"{key}: pyproject.toml has no group {group!r}" for group in unknown]
        given = self.groups.base.union(*(self.groups.by_name[group] for group in named))
        found, used = [], set[str]()
        for taken, place in reached.packages.items():
            providers = pins.providers(taken.module, taken.name)
            used |= providers
            if not providers & given:  # what comes along with others may stop coming
                found.append(f"{place}: {_why(taken.module, providers)} ({key})")
        idle = [group for group in named if not self.groups.by_name[group] & used]
        return [*found, *(f"{key}: nothing that is reached uses {group!r}" for group in idle)]


def _why(module: str, providers: frozenset[str]) -> str:
    if not providers:
        return f"nothing that is installed provides {module}"
    return f"{module} comes with {' or '.join(sorted(providers))}, which no named group names"


def write(bundles: Iterable[Bundle], out: Path, *, every: bool) -> None:
    """Write zip files and ``manifest.json`` below ``out``.

    Args:
        bundles: What is written.
        out: Usually ``build``.
        every: These are all there are: what was written for others goes away.
    """
    folder, listing = out / "functions", out / "manifest.json"
    if every:
        shutil.rmtree(folder, ignore_errors=True)
        listing.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    known = json.loads(listing.read_bytes()) if listing.exists() else {}
    for bundle in bundles:
        (folder / f"{bundle.folder}.zip").write_bytes(bundle.content)
        known[bundle.folder] = bundle.description
    listing.write_bytes(_json(known))


def write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Make ``folder`` hold exactly these files."""
    shutil.rmtree(folder, ignore_errors=True)
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # as if made on Unix, wherever it is made
            entry.external_attr = READABLE << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _json(value: object) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the bundles that were asked for; 1 with every reason where one cannot be made."""
    parser = argparse.ArgumentParser(prog="python -m functions.bundle", description=__doc__)
    parser.add_argument("folders", nargs="*", metavar="FOLDER", help="of functions/")
    parser.add_argument("--all", action="store_true", help="every folder, and build/jobs")
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="where to (build)")
    asked = parser.parse_args(arguments)
    if bool(asked.folders) == asked.all:
        parser.error("name folders, or --all")
    try:
        project = Project()
        bundles = _made(project, list(project.manifests) if asked.all else asked.folders)
        write(bundles, asked.out, every=asked.all)
        if asked.all:
            write_folder(project.jobs(), asked.out / "jobs")
    except BundleError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for bundle in bundles:
        sys.stdout.write(_line(bundle))
    return 0


def _made(project: Project, folders: Iterable[str]) -> list[Bundle]:
    """Return every bundle, or the reasons of every folder at once."""
    made, reasons = [], []
    for folder in folders:
        try:
            made.append(project.bundle(folder))
        except BundleError as error:
            reasons.append(str(error))
    if reasons:
        raise BundleError("\n".join(reasons))
    return made


def _line(bundle: Bundle) -> str:
    said = bundle.description
    return (
        f"{bundle.folder}: {said['size']} bytes, {len(bundle.modules)} modules, "
        f"{len(bundle.requirements)} requirements, sha256 {said['sha256']}\n"
    )


if __name__ == "__main__":
    raise SystemExit(main())
