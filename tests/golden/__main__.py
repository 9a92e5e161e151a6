"""``python -m tests.golden``: measure on a cloud of its own, and record the figure to be held."""

import tempfile
from pathlib import Path

from tests.e2e.cloud import boot, halt
from tests.golden.measure import measure, record


def main() -> None:
    """Boot, measure, record, print."""
    with tempfile.TemporaryDirectory(prefix="mg-golden-") as folder:
        Path(folder).chmod(0o755)  # PostgreSQL's unprivileged user must pass through
        cloud = boot(Path(folder) / "state")
        try:
            measured = measure(cloud)
        finally:
            halt(cloud)
    record(measured)
    for kind, value in {"all": measured.ndcg, **measured.by_kind}.items():
        print(f"{kind:10} {value:.4f}")  # noqa: T201 - a command speaks


main()
