"""Titles by their words: arrays answer what PostgreSQL answers, in the same order."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest
from sqlalchemy import Engine, create_engine, text

from shared.adapters import sql
from shared.adapters.sql.search import WordRetriever
from shared.catalog.values import ContentType
from shared.kernel import ids
from shared.kernel.clock import FixedClock
from shared.kernel.text import title_key
from shared.search.filters import Filters
from shared.search.ports import Asked, Hit
from shared.search.resident.postings import WEIGHTS, ranks
from shared.search.resident.rows import Mask, Rows, TitleRow
from shared.search.resident.words import Question, WordIndex, retrieve
from tests.unit.matching.items import NOON

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

NAMES = ("alien", "aliens", "star", "war", "wars", "heat", "it", "amélie", "京都", "2049", "run")
GONE = "ghost heat"
"""What a deleted title alone is called: nothing is exactly titled so."""
SAID = (*NAMES, "ship", "shipping", "robot", "sea", "love", "lovers", "night", "1e5", "4k", "हिन्दी")
GIVEN = ", ".join(
    ["id uuid", "content_type text", "title text", "key text", "other text", "popularity real"]
    + ["votes integer", "called text", "gone boolean"]
    + [f"{letter} text" for letter in "abcd"]
)
PRIOR = (Path(sql.__file__).parent / "search_prior.sql").read_text(encoding="utf-8")
KEEP = f"""
WITH given AS (SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given ({GIVEN})),
kept AS (
  INSERT INTO content (id, content_type, title, title_key, popularity_score, vote_count, search_tsv,
    content_hash, checked_at, created_at, updated_at, deleted_at)
  SELECT id, content_type, title, key, popularity, votes,
    setweight(to_tsvector('simple', a), 'A') || setweight(to_tsvector('simple', b), 'B')
    || setweight(to_tsvector('simple', c), 'C') || setweight(to_tsvector('simple', d), 'D'),
    '', :now, :now, :now, CASE WHEN gone THEN CAST(:now AS timestamptz) END
  FROM given
),
members AS (
  INSERT INTO content_franchise (content_id, franchise, called, updated_at)
  SELECT id, id, called, :now FROM given WHERE called IS NOT NULL
)
INSERT INTO content_title (content_id, locale, title, title_key)
SELECT id, 'main', title, key FROM given
UNION ALL SELECT id, 'fr', other, other FROM given WHERE other IS NOT NULL
"""  # noqa: S608 - names of ours
READ = f"""
SELECT c.id::text, c.title, c.title_key, c.content_type, c.popularity_score,
  {PRIOR} AS prior,
  (SELECT array_agg(title_key) FROM content_title WHERE content_id = c.id) AS keys,
  f.called,
  (SELECT json_object_agg(lexeme, array_to_string(weights, ''))
   FROM unnest(c.search_tsv || coalesce(f.words, ''))) AS said
FROM content c LEFT JOIN content_franchise f ON f.content_id = c.id
WHERE c.deleted_at IS NULL ORDER BY c.title
"""  # noqa: S608 - a file of ours
RANK = (
    "SELECT ts_rank('{.1, .2, .4, 1.0}', CAST(:vector AS tsvector), to_tsquery('simple', :asked))"
)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An engine as searches have it."""
    made = create_engine(database, isolation_level="AUTOCOMMIT")
    yield made
    made.dispose()


def made(number: int, rng: random.Random) -> dict[str, Any]:
    """Return a title of few words: many tie. The first says one very often, the second is gone."""
    name = GONE if number == 1 else " ".join(rng.choices(NAMES, k=rng.randint(1, 3)))
    often = "sea " * 20_000 if number == 0 else ""
    return {
        "id": str(ids.named(f"title {number}")),
        "content_type": rng.choice(["movie", "series"]),
        "title": f"{name} ({1900 + number % 100})",
        "key": title_key(name),
        "other": rng.choice([None, None, title_key(rng.choice(NAMES))]),
        "popularity": rng.choice([0.1, 0.5, 0.5, 0.9]),
        "votes": rng.choice([None, 0, 57, 57, 9413, 3_000_000]),
        "called": rng.choice([*[None] * 9, "star wars", "alien", "sea war"]),
        "gone": name == GONE,
        "a": name,
        "b": " ".join(rng.choices(SAID, k=rng.randint(0, 2))),
        "c": rng.choice(["", "love", "love night", "war"]),
        "d": often + " ".join(rng.choices(SAID, k=rng.randint(0, 30))),
    }


@dataclass(frozen=True)
class Part:
    """What words need of a part."""

    titles: Sequence[TitleRow]
    ids: Sequence[str]
    words: WordIndex
    popularity: npt.NDArray[np.float32]
    alive: Mask


def part_of(titles: Sequence[TitleRow]) -> Part:
    """Return a part of titles that are all alive."""
    return Part(
        titles,
        [title.id for title in titles],
        WordIndex.build(titles),
        np.array([title.popularity for title in titles], np.float32),
        np.ones(len(titles), np.bool_),
    )


def kept(engine: Engine, count: int) -> tuple[Part, ...]:
    """Put titles into the catalog and return them as parts."""
    rng = random.Random(7)
    rows = orjson.dumps([made(number, rng) for number in range(count)]).decode()
    with engine.begin() as connection:
        connection.execute(text(KEEP), {"rows": rows, "now": NOON})
        found = connection.execute(text(READ)).all()
    titles = [
        TitleRow(
            id=row.id,
            title=row.title,
            key=row.title_key,
            keys=tuple(row.keys),
            content_type=row.content_type,
            popularity=row.popularity_score,
            prior=row.prior,
            words=row.said,
            called=row.called,
        )
        for row in found
    ]
    return part_of(titles[: count // 2]), part_of(titles[count // 2 :])


def questions(rng: random.Random) -> Iterator[str]:
    """Yield texts: words anywhere, words whose last one is begun, and names."""
    yield from ("it", "the it", "京都", "हिन्दी 4k", "nothing", "nothing alien", "amelie", GONE)
    for _ in range(120):
        said = rng.sample(SAID, k=rng.randint(1, 5))
        yield " ".join([*said[:-1], said[-1][: rng.randint(2, 6)]])
        yield " ".join(rng.choices(NAMES, k=rng.randint(1, 3)))


def passing(parts: Sequence[Part], filters: Filters, number: int, rows: Rows) -> Mask:
    """Tell which titles are of an asked type."""
    titles = parts[number].titles
    kinds = [str(kind) for kind in filters.content_types]
    return np.array([not kinds or titles[row].content_type in kinds for row in rows], np.bool_)


def test_every_question_has_the_same_answer_in_the_same_order(engine: Engine) -> None:
    parts = kept(engine, 240)
    retriever = WordRetriever(engine, FixedClock(NOON))

    answers = 0
    for number, question in enumerate(questions(random.Random(11))):
        filters = Filters(content_types=(ContentType.MOVIE,) if number % 3 == 0 else ())
        asked, limit = Asked(question, filters), 250 if number % 2 else 10
        said: Sequence[Hit] = retriever.retrieve(asked, limit=limit)
        found = retrieve(parts, asked, partial(passing, parts, filters), limit=limit)
        assert found == said, question
        answers += len(said)

    assert answers > 5_000, "questions that find something"


def lettered(rng: random.Random) -> str:
    """Return the letters of a few places."""
    return "".join(rng.choices("ABCD", k=rng.randint(1, 12)))


def test_a_rank_is_that_of_postgresql_bit_by_bit(engine: Engine) -> None:
    rng = random.Random(3)

    for _ in range(300):
        said = {word: lettered(rng) for word in "abc"}
        asked = sorted(rng.sample("abcd", k=rng.randint(2, 4)))
        index = WordIndex.build([TitleRow(str(ids.named("one")), "One", "one", words=said)])
        matches = index.matches(Question(tuple(asked), "", None), np.ones(1, np.bool_))

        assert matches is not None
        assert ranks(matches.kinds, matches.shares)[0] == ranked(engine, said, asked)


def ranked(engine: Engine, said: Mapping[str, str], asked: Sequence[str]) -> float:
    """Return PostgreSQL's rank of a title for any of the words."""
    vector = " ".join(
        f"{word}:{','.join(f'{at}{letter}' for at, letter in enumerate(letters, start=1))}"
        for word, letters in said.items()
    )
    with engine.connect() as connection:
        given = {"vector": vector, "asked": " | ".join(asked)}
        return float(np.float32(connection.execute(text(RANK), given).scalar_one()))


def test_the_weights_of_fields_are_those_of_postgres() -> None:
    assert [float(WEIGHTS[x]) for x in "DCBA"] == pytest.approx([0.1, 0.2, 0.4, 1.0])
