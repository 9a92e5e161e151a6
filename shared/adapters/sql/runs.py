"""Ingestion runs: what was fetched, and how far each page has come."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import orjson

from shared.adapters import connect
from shared.adapters.outbox import Outbox
from shared.adapters.sql.statement import statement, translated
from shared.kernel.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from shared.kernel.events import Event

START = statement(__file__, "runs_start")
FETCHED = statement(__file__, "runs_fetched")
ADD_PAGE = statement(__file__, "runs_add_page")
COUNT = statement(__file__, "runs_count")
REPORT = statement(__file__, "runs_report")
STATUS = statement(__file__, "runs_status")


@dataclass(frozen=True)
class Part:
    """The part of a run that one fetch brings: one provider's catalog of a platform and region."""

    run_id: str
    provider: str
    platform: str
    region: str
    kind: str = "catalog"


@dataclass(frozen=True)
class Page:
    """One raw page; `read` is how many records it holds, readable or not."""

    part: Part
    page: int
    raw_uri: str
    read: int


@dataclass(frozen=True)
class RunReport:
    """How far a run has come. ``read == stored + set_aside + pending`` always.

    Attributes:
        run_id: The run.
        state: ``done`` when everything was fetched and each record is stored or set aside.
        read: Records in the pages fetched so far.
        stored: Records that became, or joined, a title.
        set_aside: Records in ``ingest_error``.
        pending: Records on their way.
        by_stage: Records that left each stage, and pages and parts.
        errors: Why parts could not be fetched whole.
    """

    run_id: str
    state: str
    read: int
    stored: int
    set_aside: int
    pending: int
    by_stage: dict[str, int] = field(default_factory=dict)
    errors: tuple[str, ...] = ()


class Runs:
    """Tables ``ingest_run`` and ``ingest_page``."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._given = engine

    @property
    def _engine(self) -> Engine:
        return self._given or connect.engine()

    def start(self, part: Part) -> None:
        """Say that a part is being fetched; saying it again opens it again."""
        with translated("ingest_run"), self._engine.begin() as connection:
            connection.execute(START(), asdict(part))

    def fetched(self, part: Part, *, error: str | None = None) -> None:
        """Say that a part's last page is in, or why the rest will not come."""
        with translated("ingest_run"), self._engine.begin() as connection:
            connection.execute(FETCHED(), {**asdict(part), "error": error})

    @contextmanager
    def noted(self, part: Part) -> Iterator[None]:
        """Keep a run that brings no pages: it lasts as long as the block, and fails with it."""
        self.start(part)
        try:
            yield
        except Exception as error:
            self.fetched(part, error=f"{type(error).__name__}: {error}"[:500])
            raise
        self.fetched(part)

    def add_page(self, page: Page, events: Sequence[Event]) -> list[int]:
        """Keep a page and its events in one transaction; returns the outbox rows to publish.

        The same page again (same ``raw_uri``) adds neither page nor event.
        """
        given = {**asdict(page.part), "page": page.page, "raw_uri": page.raw_uri, "read": page.read}
        with translated("ingest_page"), self._engine.begin() as connection:
            connection.execute(ADD_PAGE(), given)
            return Outbox.add(connection, events)

    @staticmethod
    def count(
        connection: Connection,
        raw_uri: str,
        *,
        normalized: int = 0,
        resolved: int = 0,
        set_aside: int = 0,
    ) -> None:
        """Add to a page's counters in the caller's transaction, once per step and event.

        Args:
            connection: The step's transaction, in which the event's id is remembered too.
            raw_uri: The page, without ``#index``.
            normalized: Records that became canonical items.
            resolved: Items stored under a title.
            set_aside: Records put into ``ingest_error``.
        """
        given = {"normalized": normalized, "resolved": resolved, "set_aside": set_aside}
        connection.execute(COUNT(), {"raw_uri": raw_uri.partition("#")[0], **given})

    def report(self, run_id: str) -> RunReport:
        """Return how far a run has come.

        Raises:
            NotFoundError: There is no such run.
        """
        with translated("ingest_run"), self._engine.connect() as connection:
            row = connection.execute(REPORT(), {"run_id": run_id}).mappings().one()
        if not row["parts"]:
            raise NotFoundError(f"there is no run {run_id!r}")
        stages = ("parts", "parts_fetched", "pages", "normalized", "resolved")
        by_stage = {"fetched": int(row["read"])} | {name: int(row[name]) for name in stages}
        done = row["parts"] == row["parts_fetched"] and row["pending"] <= 0
        return RunReport(
            run_id=run_id,
            state="done" if done else "running",
            read=int(row["read"]),
            stored=int(row["resolved"]),
            set_aside=int(row["set_aside"]),
            pending=int(row["pending"]),
            by_stage=by_stage,
            errors=tuple(orjson.loads(row["errors"])),
        )

    def status(self) -> dict[str, int]:
        """Return counts per stage over everything there is, and the age of the oldest change.

        ``oldest_change_seconds`` is how long the oldest change of a title waits to be embedded,
        0 where none waits.
        """
        with translated("ingest status"), self._engine.connect() as connection:
            row = connection.execute(STATUS()).mappings().one()
        return {name: int(value) for name, value in row.items()}
