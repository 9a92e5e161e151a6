"""The note of one release: ``python -m terraform.pipeline.record``. Equal input, equal note."""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RELEASED = "released"
ROLLED_BACK = "rolled back"


def note(
    about: Mapping[str, str],
    *,
    bundles: Mapping[str, Mapping[str, Any]],
    images: Sequence[str],
    plan: bytes,
    outcome: Mapping[str, Any],
    smoke: str,
) -> dict[str, Any]:
    """Return what is kept of a release.

    Args:
        about: Commit, build, environment and time.
        bundles: What ``build/manifest.json`` says.
        images: Every image, the jobs' by its digest.
        plan: The plan file that was applied.
        outcome: How the canary ended.
        smoke: What the journey through the door said; empty where it failed.
    """
    return {
        **about,
        "bundles": {folder: one["sha256"] for folder, one in sorted(bundles.items())},
        "images": sorted(images),
        "plan_sha256": hashlib.sha256(plan).hexdigest(),
        "canary": dict(outcome),
        "smoke": smoke,
        "result": RELEASED if outcome.get("promoted") and smoke else ROLLED_BACK,
    }


def markdown(content: Mapping[str, Any]) -> str:
    """Return the note as people read it."""
    lines = [f"# {content['environment']}: {content['commit'][:12]} {content['result']}", ""]
    lines += [f"- {name}: {content[name]}" for name in ("at", "build", "plan_sha256", "smoke")]
    lines += [f"- {reason}" for reason in content["canary"].get("reasons", [])]
    lines += ["", "| deployable | sha256 |", "|---|---|"]
    lines += [f"| {folder} | `{digest}` |" for folder, digest in content["bundles"].items()]
    lines += ["", *(f"- `{image}`" for image in content["images"])]
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write ``release.json`` and ``release.md`` below the folder of the build."""
    parser = argparse.ArgumentParser(prog="python -m terraform.pipeline.record")
    for name in ("commit", "build", "environment", "at"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--folder", type=Path, required=True, help="what the other steps wrote")
    asked = parser.parse_args(arguments)
    about = {name: getattr(asked, name) for name in ("commit", "build", "environment", "at")}
    folder: Path = asked.folder
    try:
        content = note(
            about,
            bundles=json.loads((folder / "manifest.json").read_bytes()),
            images=(folder / "images.txt").read_text(encoding="utf-8").split(),
            plan=(folder / "plan.tfplan").read_bytes(),
            outcome=_json(folder / "outcome.json"),
            smoke=_text(folder / "smoke.txt"),
        )
    except (OSError, ValueError) as error:
        sys.stderr.write(f"record: {error}\n")
        return 1
    text = json.dumps(content, indent=1, sort_keys=True) + "\n"
    (folder / "release.json").write_text(text, encoding="utf-8")
    (folder / "release.md").write_text(markdown(content), encoding="utf-8")
    sys.stdout.write(markdown(content))
    return 0


def _json(file: Path) -> dict[str, Any]:
    """Return what a step wrote; a step that could not even begin wrote nothing."""
    return dict(json.loads(file.read_bytes())) if file.exists() else {}


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip() if file.exists() else ""


if __name__ == "__main__":
    raise SystemExit(main())
