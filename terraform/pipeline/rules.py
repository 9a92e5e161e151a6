"""How a rule over a plan is written down; the rules themselves stand in ``rules_*.py``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from functions.manifest import read_all, service_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from functions.manifest import Manifest
    from terraform.pipeline.plan import Plan

SERVICE = "google_cloud_run_v2_service"
JOB = "google_cloud_run_v2_job"
WORKFLOW = "google_workflows_workflow"


@dataclass(frozen=True)
class Violation:
    """What is wrong with one resource, and what to do about it."""

    address: str
    wrong: str
    remedy: str

    def __str__(self) -> str:
        """Return the line that the pipeline prints."""
        return f"{self.address}: {self.wrong}. {self.remedy}."


@dataclass(frozen=True)
class Checkout:
    """What a plan is compared with: manifests by folder, and sections of the runbooks."""

    manifests: Mapping[str, Manifest]
    runbooks: frozenset[str]

    def account_id(self, folder: str) -> str:
        """Return the account that a folder is deployed as, without its project."""
        kind = "fn" if self.manifests[folder].job is None else "job"
        return f"{kind}-{service_name(folder)}"


def checkout(root: Path) -> Checkout:
    """Return what is checked out below ``root``.

    Raises:
        ManifestError: A manifest is wrong.
    """
    sections: set[str] = set()
    for file in sorted((root / "docs" / "runbooks").glob("*.md")):
        headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
        sections |= {f"{file.name}#{_anchor(heading)}" for heading in headings}
    return Checkout(read_all(root / "functions"), frozenset(sections))


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.strip().lower()).replace(" ", "-")


@dataclass(frozen=True)
class Rule:
    """One sentence that holds for every plan.

    Attributes:
        check: Yields what is wrong; its name is the rule's, its docstring begins with the sentence.
        kinds: Types of which a plan must have one, or there is nothing to check.
    """

    check: Callable[[Plan, Checkout], Iterator[Violation]]
    kinds: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name by which it can be left out."""
        return self.check.__name__

    @property
    def sentence(self) -> str:
        """What it says."""
        return (self.check.__doc__ or "").strip().splitlines()[0]
