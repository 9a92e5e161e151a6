"""How searches are ranked, set by administrators over a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import text

from shared.adapters import connect
from shared.adapters.sql import audit
from shared.adapters.sql.ranking.store import read_standing
from shared.kernel.clock import SystemClock
from shared.search.tuning.model import DEFAULT
from shared.search.tuning.replies import (
    PastRanking,
    RankingAnswer,
    RankingHistory,
    VariantAnswer,
    VariantList,
)
from tests.fakes.edge import Answer, ask, load
from tests.fakes.ranking import WORDS_FIRST, change, weights
from tests.fakes.tokens import USER, Authority, trusted

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = "/api/v1/admin/search/ranking"
MORE_WORDS = f"{ROOT}/variants/more-words"


class Desk:
    """The function, asked by an administrator."""

    def __init__(self, authority: Authority) -> None:
        self.authority, self.main = authority, load("search_ranking")

    async def ask(
        self, method: str, target: str, said: Any = None, **more: Any  # noqa: ANN401 - JSON
    ) -> Answer:  # fmt: skip
        """Ask; `seen` is the version that was read, `token` another caller's."""
        token, seen = more.get("token", self.authority.admin()), more.get("seen")
        headers = {"authorization": f"Bearer {token}"}
        headers |= {} if seen is None else {"if-match": str(seen)}
        body = b"" if said is None else orjson.dumps(said)
        return await ask(self.main.handle, method, target, body=body, headers=headers)

    async def put(self, said: dict[str, Any], seen: object = 0) -> Answer:
        """Replace the usual configuration."""
        return await self.ask("PUT", ROOT, said, seen=seen)

    async def vary(self, share: int, seen: object = 0, **fields: Any) -> Answer:  # noqa: ANN401 - any field
        """Put a variant in force."""
        name = fields.pop("name", "more-words")
        said = change(**fields, traffic_percentage=share)
        return await self.ask("PUT", f"{ROOT}/variants/{name}", said, seen=seen)


@pytest.fixture
def desk(connected: connect.Addresses, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """The function over an empty database, with an issuer of its own."""
    assert connected.database_url
    with trusted(monkeypatch) as authority:
        yield Desk(authority)


def named(answer: Answer) -> list[str]:
    """Return the fields that a problem names."""
    return [issue["field"] for issue in answer.json["errors"]]


async def test_where_nobody_set_anything_the_products_own_values_hold(desk: Desk) -> None:
    found = await desk.ask("GET", ROOT)

    assert (found.status, found.headers["etag"]) == (200, '"0"')
    said = RankingAnswer.model_validate_json(found.body)
    assert (said.parts(), said.version, said.updated_by) == (DEFAULT, 0, None)


async def test_a_configuration_is_replaced_by_who_read_the_one_before(desk: Desk) -> None:
    first = await desk.put(change(sources=WORDS_FIRST, note="words say more"))
    found = await desk.ask("GET", ROOT)

    assert first.status == 200
    assert found.json == first.json
    assert first.headers["etag"] == f'"{first.json["version"]}"'
    assert (first.json["sources"], first.json["updated_by"]) == (WORDS_FIRST, USER)
    assert read_standing().usual.tuning.sources.keyword == 0.5


@pytest.mark.behavior("search:11:12")
async def test_a_stale_version_is_refused_and_changes_nothing(desk: Desk) -> None:
    first = await desk.put(change(rrf_k=30))

    stale = [await desk.put(change(rrf_k=90), seen) for seen in (0, '"0"', 999)]
    fresh = await desk.put(change(rrf_k=90), first.headers["etag"])

    assert [(answer.status, answer.json["code"]) for answer in stale] == [(412, "stale")] * 3
    assert (fresh.status, fresh.json["rrf_k"]) == (200, 90)
    assert fresh.json["version"] > first.json["version"]


async def test_of_two_who_read_the_same_version_one_writes(desk: Desk) -> None:
    answers = await asyncio.gather(*(desk.put(change(rrf_k=k)) for k in (10, 20, 30)))

    assert sorted(answer.status for answer in answers) == [200, 412, 412]
    (won,) = [answer for answer in answers if answer.status == 200]
    assert read_standing().usual.tuning.rrf_k == won.json["rrf_k"]


@pytest.mark.parametrize("seen", [None, "", "*", 'W/"1"', "1, 2", "-1", "one", "9" * 12])
async def test_who_does_not_say_what_was_read_is_told_to(desk: Desk, seen: object) -> None:
    answer = await desk.put(change(), seen)
    assert (answer.status, named(answer)) == (422, ["If-Match"])


IMPOSSIBLE: list[tuple[dict[str, Any], str]] = [
    ({"sources": weights(vector=0.25)}, "sources"),
    ({"sources": weights(vector=0.3502)}, "sources"),
    ({"sources": weights(vector=0.0, graph=0.65)}, "sources.vector"),
    ({"sources": weights(taste=0.1)}, "sources.taste"),
    ({"modifiers": {"quality": 1.1, "freshness": 0, "availability": 0}}, "modifiers.quality"),
    ({"modifiers": {"quality": 0, "freshness": 0, "availability": 0.06}}, "modifiers.availability"),
    ({"personal_blend": -0.1}, "personal_blend"),
    ({"mmr_lambda": "0.7"}, "mmr_lambda"),
    ({"rrf_k": 0}, "rrf_k"),
    ({"rrf_k": 60.5}, "rrf_k"),
    ({"note": "a\x00b"}, "note"),
    ({"version": 3}, "version"),
]


@pytest.mark.behavior("search:11:12")
async def test_a_configuration_that_cannot_be_names_its_field(desk: Desk) -> None:
    for fields, field in IMPOSSIBLE:
        answer = await desk.put(change(**fields))
        assert (answer.status, named(answer)) == (422, [field])

    missing = change()
    del missing["sources"]
    assert named(await desk.put(missing)) == ["sources"]
    assert read_standing().usual.version == 0


async def test_weights_may_be_off_by_what_rounding_leaves(desk: Desk) -> None:
    answer = await desk.put(change(sources=weights(vector=0.3501)))
    assert answer.status == 200


@pytest.mark.behavior("search:11:12")
async def test_history_shows_who_and_when_and_until_when(desk: Desk) -> None:
    first = await desk.put(change(rrf_k=30, note="sharper"))
    second = await desk.put(change(rrf_k=90, note="flatter"), first.json["version"])
    await desk.vary(10)

    found = await desk.ask("GET", f"{ROOT}/history?name=control")
    items = RankingHistory.model_validate_json(found.body).items
    assert [(one.version, one.rrf_k, one.note, one.created_by) for one in items] == [
        (second.json["version"], 90, "flatter", USER),
        (first.json["version"], 30, "sharper", USER),
    ]
    assert items[1].ended_at == items[0].created_at
    assert (items[0].ended_at, items[1].ended_by) == (None, USER)
    one = await desk.ask("GET", f"{ROOT}/history/{first.json['version']}")
    assert PastRanking.model_validate_json(one.body) == items[1]


async def test_history_is_walked_from_version_to_version(desk: Desk) -> None:
    versions = [0]
    for k in (10, 20, 30):
        versions.append((await desk.put(change(rrf_k=k), versions[-1])).json["version"])

    first = await desk.ask("GET", f"{ROOT}/history?limit=2")
    rest = await desk.ask("GET", f"{ROOT}/history?limit=2&before={versions[2]}")
    walked = [one["version"] for page in (first, rest) for one in page.json["items"]]

    assert walked == [versions[3], versions[2], versions[1]]
    assert (await desk.ask("GET", f"{ROOT}/history/0")).json["rrf_k"] == DEFAULT.rrf_k
    assert (await desk.ask("GET", f"{ROOT}/history/{versions[3] + 1}")).status == 404


async def test_a_variant_takes_its_share_and_control_keeps_the_rest(desk: Desk) -> None:
    made = await desk.vary(10, sources=WORDS_FIRST)
    await desk.vary(30, name="flat", rrf_k=200)

    found = VariantList.model_validate_json((await desk.ask("GET", f"{ROOT}/variants")).body)
    assert [(one.name, one.traffic_percentage) for one in found.items] == [
        ("control", 60), ("flat", 30), ("more-words", 10),
    ]  # fmt: skip
    assert (await desk.ask("GET", MORE_WORDS)).json == made.json
    one = await desk.ask("GET", f"{ROOT}/variants/control")
    assert VariantAnswer.model_validate_json(one.body) == found.items[0]
    shares = [tuned.variant for tuned in read_standing().by_slot.values()]
    assert (shares.count("flat"), shares.count("more-words")) == (30, 10)


async def test_variants_have_no_more_than_everybody_between_them(desk: Desk) -> None:
    assert (await desk.vary(60)).status == 200
    resting = await desk.vary(50, name="flat", is_active=False)
    over = await desk.vary(41, name="steep")
    woken = await desk.vary(50, resting.json["version"], name="flat", is_active=True)
    all_of_it = await desk.vary(40, name="steep")

    assert [answer.status for answer in (resting, over, woken, all_of_it)] == [200, 422, 422, 200]
    assert named(over) == named(woken) == ["traffic_percentage"]
    assert len(read_standing().by_slot) == 100


async def test_another_share_moves_no_viewer_of_another_variant(desk: Desk) -> None:
    first = await desk.vary(20)
    await desk.vary(30, name="flat")
    before = read_standing().by_slot

    more = await desk.vary(40, first.json["version"])
    after = read_standing().by_slot
    assert {slot: after[slot].variant for slot in before} == {
        slot: tuned.variant for slot, tuned in before.items()
    }
    ended = await desk.ask("DELETE", MORE_WORDS, seen=more.json["version"])
    assert ended.status == 204
    left = {slot for slot, tuned in before.items() if tuned.variant == "flat"}
    assert set(read_standing().by_slot) == left


async def test_an_ended_variant_is_gone_and_its_versions_stay(desk: Desk) -> None:
    made = await desk.vary(10)
    refused = [await desk.ask("DELETE", MORE_WORDS, seen=seen) for seen in (None, 999)]
    ended = await desk.ask("DELETE", MORE_WORDS, seen=made.json["version"])
    again = await desk.ask("DELETE", MORE_WORDS, seen=made.json["version"])
    past = await desk.ask("GET", f"{ROOT}/history/{made.json['version']}")

    assert [answer.status for answer in (*refused, ended, again)] == [422, 412, 204, 404]
    assert (await desk.ask("GET", MORE_WORDS)).status == 404
    assert (past.json["ended_by"], past.json["name"]) == (USER, "more-words")
    assert (await desk.vary(10)).json["version"] > made.json["version"]


async def test_control_is_no_variants_name(desk: Desk) -> None:
    control = f"{ROOT}/variants/control"
    put = await desk.vary(10, name="control")
    ended = await desk.ask("DELETE", control, seen=0)
    odd = await desk.vary(10, name="More%20Words")

    assert [one.status for one in (put, ended)] == [409, 409]
    assert (odd.status, named(odd)) == (422, ["name"])


async def test_every_change_is_audited_and_no_refused_one(desk: Desk) -> None:
    first = await desk.put(change(rrf_k=30, note="sharper"))
    await desk.put(change(rrf_k=90))
    made = await desk.vary(10)
    await desk.vary(95, name="flat")
    await desk.ask("DELETE", MORE_WORDS, seen=made.json["version"])

    said = "SELECT action, resource_type, resource_id, details->>'note' FROM audit.audit_log"
    with connect.reads().connect() as connection:
        acts = [tuple(row) for row in connection.execute(text(f"{said} ORDER BY number"))]
    kind = ("CONFIG_CHANGE", "search-ranking")
    assert acts == [
        (*kind, "control", "sharper"), (*kind, "more-words", ""), (*kind, "more-words", None),
    ]  # fmt: skip
    assert first.status == 200
    assert audit.verify().findings == ()


async def test_what_ended_is_kept_for_a_month(desk: Desk) -> None:
    first = await desk.put(change(rrf_k=10))
    second = await desk.put(change(rrf_k=20), first.json["version"])
    third = await desk.put(change(rrf_k=30), second.json["version"])
    long_ago = SystemClock().now() - timedelta(days=31)
    with connect.engine().begin() as connection:
        aged = text("UPDATE ranking_config SET ended_at = :at WHERE version = :version")
        connection.execute(aged, {"at": long_ago, "version": first.json["version"]})

    await desk.put(change(rrf_k=40), third.json["version"])
    left = (await desk.ask("GET", f"{ROOT}/history")).json["items"]
    assert [one["rrf_k"] for one in left] == [40, 30, 20]


async def test_nobody_but_administrators_is_let_in(desk: Desk) -> None:
    answers = [
        await desk.ask(method, target, change(), token=desk.authority.token(), seen=0)
        for method, target in (("GET", ROOT), ("PUT", ROOT), ("DELETE", MORE_WORDS))
    ]
    assert [answer.status for answer in answers] == [403, 403, 403]
