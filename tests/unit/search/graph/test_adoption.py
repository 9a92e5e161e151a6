"""Titles of a franchise whose name they do not bear."""

from __future__ import annotations

from shared.search.graph.adoption import Membership, memberships
from shared.search.graph.sharing import Sharing

REBELS = ("hamill", "ford", "fisher")
FORCE = ("jedi", "rebellion")
TITLES = ["Star Wars", "Star Wars: The Force Awakens", "The Empire Strikes Back", "Heat"]
FOUND = [0, 0, None, None]


def joined(
    cast: list[tuple[str, ...]],
    themes: list[tuple[str, ...]],
    titles: list[str] = TITLES,
    found: list[int | None] = FOUND,
) -> list[Membership]:
    """Return what titles belong to, among forty that have nothing to do with them."""
    others = [(f"somebody {n}",) for n in range(40)]
    return memberships(
        [*titles, *(f"Other {n} of Many" for n in range(40))],
        [*found, *[None] * 40],
        Sharing([*cast, *others]),
        Sharing([*themes, *others]),
    )[: len(titles)]


def test_a_title_with_the_players_and_themes_of_two_is_asked_for_by_their_name() -> None:
    found = joined([REBELS, REBELS, REBELS, ("pacino",)], [FORCE, FORCE, FORCE, ("heist",)])

    assert found == [
        Membership(0),
        Membership(0),
        Membership(0, "star wars"),
        Membership(None),
    ]


def test_players_or_themes_alone_vouch_for_nothing() -> None:
    by_players = joined([REBELS, REBELS, REBELS, ()], [FORCE, FORCE, ("romance",), ()])
    by_themes = joined([REBELS, REBELS, ("nobody",), ()], [FORCE, FORCE, FORCE, ()])

    assert by_players[2] == by_themes[2] == Membership(None)


def test_one_title_alone_vouches_for_nothing() -> None:
    found = joined([REBELS, ("driver",), REBELS, ()], [FORCE, FORCE, FORCE, ()])

    assert found[2] == Membership(None)


def test_a_title_that_says_the_name_is_called_nothing_more() -> None:
    titles = [*TITLES[:2], "Ewoks: A Tale of Star Wars", "Heat"]
    found = joined([REBELS, REBELS, REBELS, ()], [FORCE, FORCE, FORCE, ()], titles)

    assert found[2] == Membership(0)


def test_a_title_that_its_own_franchise_vouches_for_is_of_no_other() -> None:
    titles = [*TITLES[:2], "Hoth", "Hoth 2"]
    found = joined([REBELS] * 4, [FORCE] * 4, titles, [0, 0, 2, 2])

    assert found == [Membership(0), Membership(0), Membership(2), Membership(2)]


def test_a_franchise_of_another_name_keeps_its_titles_and_they_gain_a_name() -> None:
    titles = [*TITLES[:2], "Empire", "Empire: A Fan's Story"]
    found = joined([REBELS, REBELS, REBELS, ()], [FORCE, FORCE, FORCE, ()], titles, [0, 0, 2, 2])

    assert found[2:] == [Membership(2, "star wars"), Membership(2)]


def test_a_franchise_whose_titles_share_no_name_lends_none() -> None:
    titles = ["Batman", "Batman Begins", "Gotham", "Heat"]
    found = joined([REBELS, REBELS, REBELS, ()], [FORCE, FORCE, FORCE, ()], titles)

    assert found[2] == Membership(0)
