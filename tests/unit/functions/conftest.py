"""Checkouts of a page's length, to bundle from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import pytest

from functions.bundle import DOCUMENTS, ROOT

if TYPE_CHECKING:
    from pathlib import Path

Write = Callable[[Mapping[str, str]], "Path"]
BYTECODE = shutil.ignore_patterns("__pycache__")


@pytest.fixture
def checkout(tmp_path: Path) -> Write:
    """Return what writes files, given by path and text, below an empty root and returns that."""

    def write(files: Mapping[str, str]) -> Path:
        root = tmp_path / "checkout"
        for name, text in {"shared/__init__.py": "", **files}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        return root

    return write


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what this repository makes bundles from."""
    root = tmp_path / "copy"
    for folder in ("functions", "shared"):
        shutil.copytree(ROOT / folder, root / folder, ignore=BYTECODE)
    for file in ("pyproject.toml", "requirements.txt"):
        shutil.copy(ROOT / file, root)
    (root / "docs").mkdir()
    for file in DOCUMENTS:
        shutil.copy(ROOT / "docs" / file, root / "docs")
    return root
