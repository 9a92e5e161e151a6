"""Titles under their blocks, put there anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import text

from shared.adapters.sql.ingest.blocks import rebuild_blocks
from shared.adapters.sql.ingest.outlines import rebuild_outlines
from tests.unit.matching.items import bare, item

if TYPE_CHECKING:
    from tests.contracts.sql.conftest import Catalog

OUTLINES = "SELECT * FROM title_outline ORDER BY content_id"
BLOCKS = "SELECT block, year, content_id FROM title_block ORDER BY 1, 2, 3"


def test_blocks_made_anew_are_those_that_titles_were_written_with(catalog: Catalog) -> None:
    catalog.take(
        item(original_title="Heat: La sfida", titles={"de": "Hitze", "fr": "Chaleur"}),
        bare("netflix", "2", "Hibana: Spark", release_year=None),
        bare("netflix", "3", "Club de Cuervos Presents: I, Potro", release_year=2018),
    )
    written = catalog.rows(BLOCKS)
    with catalog.engine.begin() as connection:
        connection.execute(text("UPDATE title_block SET block = block / 2"))

    with catalog.engine.begin() as connection:
        assert rebuild_blocks(connection, part=2) == 3

    assert catalog.rows(BLOCKS) == written
    assert len(written) > 12


def test_a_title_that_became_part_of_another_gets_no_blocks(catalog: Catalog) -> None:
    catalog.take(bare("netflix", "1", "Heat"), bare("netflix", "2", "Ronin"))
    with catalog.engine.begin() as connection:
        merged = "UPDATE content SET merged_into = (SELECT min(id::text)::uuid FROM content)"
        connection.execute(text(f"{merged} WHERE title = 'Ronin'"))
        assert rebuild_blocks(connection) == 1


def test_outlines_made_anew_are_those_that_titles_were_written_with(catalog: Catalog) -> None:
    plot = "A thief who means to retire meets the detective who has followed him for years."
    catalog.take(
        item(original_title="Heat: La sfida", titles={"de": "Hitze", "fr": "Chaleur"}),
        bare("netflix", "2", "Hibana: Spark", overview=plot),
    )
    written = catalog.rows(OUTLINES)
    with catalog.engine.begin() as connection:
        connection.execute(text("UPDATE title_outline SET outline = '', release_year = NULL"))

    with catalog.engine.begin() as connection:
        assert rebuild_outlines(connection) == 2

    assert catalog.rows(OUTLINES) == written
    assert len(written) == 2
