"""Reading the event ``title.normalized``."""

from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.adapters.raw_pages import RawFolder
from shared.adapters.sql.errors import IngestError
from shared.adapters.sql.ingest.store import STAGE, PageInput
from shared.catalog.item import CanonicalItem
from shared.kernel.errors import FieldIssue, InvalidInputError
from shared.kernel.events import Event

MOST_ITEMS = 100


class NormalizedPage(BaseModel):
    """Data of ``title.normalized``: the items themselves, or where they lie."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    run_id: str = Field(min_length=1, max_length=200)
    platform: str = Field(min_length=1, max_length=60)
    region: str = Field(min_length=2, max_length=2)
    raw_uri: str = Field(min_length=1, max_length=500)
    items: list[dict[str, Any]] = Field(default_factory=list, max_length=MOST_ITEMS)
    items_uri: str | None = None


def normalized_page(event: Event) -> NormalizedPage:
    """Return what the event says.

    Raises:
        InvalidInputError: Naming every field that is not acceptable.
    """
    try:
        return NormalizedPage.model_validate(event.data)
    except ValidationError as error:
        issues = [
            FieldIssue(".".join(map(str, found["loc"])), found["type"], found["msg"])
            for found in error.errors()
        ]
        raise InvalidInputError("title.normalized cannot be used", issues=issues) from None


def items_of(page: NormalizedPage, raw_dir: Path) -> list[dict[str, Any]]:
    """Return the items, read from the raw folder where the event only points to them.

    Raises:
        InvalidInputError: The event points outside the raw folder, or to what is no list of items.
        MalformedError: The file cannot be unpacked.
        UnavailableError: The folder cannot be read now.
    """
    if not page.items_uri:
        return page.items
    found = RawFolder(raw_dir).read_json(page.items_uri)
    items = found.get("items") if isinstance(found, dict) else found
    if not isinstance(items, list):
        raise InvalidInputError(f"{page.items_uri} holds no list of items")
    return items


def page_input(event: Event, page: NormalizedPage, items: list[dict[str, Any]]) -> PageInput:
    """Return a page whose unusable items are told apart, each with its raw pointer.

    Args:
        event: The cause.
        page: What the event says.
        items: The items, from the event or from where it points to.
    """
    usable: list[CanonicalItem] = []
    unusable: list[IngestError] = []
    for n, item in enumerate(items):
        try:
            usable.append(CanonicalItem.model_validate_json(orjson.dumps(item)))
        except ValidationError as error:
            unusable.append(_unusable(page, n, item, error))
    return PageInput(
        cause=event,
        run_id=page.run_id,
        raw_uri=page.raw_uri,
        platform=page.platform,
        region=page.region,
        items=usable,
        unusable=unusable,
    )


def _unusable(
    page: NormalizedPage, n: int, item: dict[str, Any], error: ValidationError
) -> IngestError:
    source = item.get("source")
    given = source.get("raw_uri") if isinstance(source, dict) else None
    first = error.errors()[0]
    return IngestError(
        run_id=page.run_id,
        stage=STAGE,
        raw_uri=str(given or f"{page.raw_uri}#item-{n}"),
        error=str(first["msg"]),
        field=".".join(map(str, first["loc"])),
    )
