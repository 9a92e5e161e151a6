"""Catalogs that name people, read for what `evidence.people_evidence` learns from them."""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from shared.catalog.item import Source
from shared.catalog.mapping import preset
from shared.catalog.raw import FieldError
from shared.catalog.tabular import TabularReader
from shared.kernel.errors import NotFoundError
from shared.matching.evaluation import files
from shared.matching.facts import Facts, facts_of

PATTERNS = {"platform_native": "platform_native_*/*.csv.gz", "tmdb": "tmdb_movies*.csv.gz"}
"""Files by the preset that reads them."""
AT = datetime(2025, 1, 1, tzinfo=UTC)

Entry = tuple[str, Facts]
"""Catalog and facts."""


def namesakes(folder: Path) -> list[list[Entry]]:
    """Return the entries that share a title key, group by group.

    Raises:
        NotFoundError: There is no such file in the folder.
        InvalidInputError: A file cannot be read, or lacks a column.
    """
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    for name, pattern in PATTERNS.items():
        found = sorted(folder.glob(pattern))
        if not found:
            raise NotFoundError(f"{folder} has no file {pattern}")
        for path in found:
            for facts in _facts(path, name):
                groups[facts.keys[0]].append((path.stem, facts))
    return [group for _, group in sorted(groups.items()) if len(group) > 1]


def _facts(path: Path, name: str) -> list[Facts]:
    mapping = preset(name)
    reader = TabularReader(mapping, platform=mapping.platform or "catalog", region="US")
    source = Source(provider=name, fetched_at=AT, raw_uri="catalog#0")
    found = []
    for row in files.table(path, (mapping.columns.title,), delimiter=mapping.delimiter):
        try:
            found.append(facts_of(reader.item(row, source)))
        except FieldError:
            continue  # a row that the product would set aside teaches nothing
    return [facts for facts in found if facts.keys]
