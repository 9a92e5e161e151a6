"""Franchises by names, and by more than names."""

from __future__ import annotations

import numpy as np
import pytest

from shared.search.graph.franchise import Named, franchises, stem


def named(title: str, *people: str, angle: float | None = None) -> Named:
    """Return a title whose vector, if any, points in a direction in degrees."""
    if angle is None:
        return Named(title, frozenset(people), None)
    turn = np.deg2rad(angle)
    return Named(title, frozenset(people), np.array([np.cos(turn), np.sin(turn)], np.float32))


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Toy Story 3", "toy story"),
        ("Star Wars: Episode V - The Empire Strikes Back", "star wars"),
        ("Indiana Jones and the Last Crusade", "indiana jones"),
        ("Mission: Impossible II", "mission"),
        ("Rocky IV", "rocky"),
        ("John Wick: Chapter 2", "john wick"),
        ("Alien vs. Predator", "alien"),
        ("The Godfather Part II", "godfather"),
        ("Blade Runner 2049", "blade runner 2049"),
        ("9", ""),
        ("W.", ""),
    ],
)
def test_a_name_is_what_stays_without_subtitle_and_number(title: str, name: str) -> None:
    assert stem(title) == name


def test_titles_of_one_name_belong_together_where_they_share_a_person() -> None:
    titles = [named("Rocky", "stallone"), named("Rocky II", "stallone"), named("Rocky III", "x")]

    assert franchises(titles) == [0, 0, None]


def test_titles_of_one_name_belong_together_where_they_mean_alike() -> None:
    titles = [
        named("King Kong", angle=0),
        named("King Kong", angle=50),
        named("King Kong", angle=80),
    ]

    assert franchises(titles) == [0, 0, 0]


def test_a_title_that_begins_with_another_belongs_to_it_only_where_they_are_close() -> None:
    titles = [
        named("Batman", angle=0),
        named("Batman Begins", angle=40),
        named("Spy", angle=180),
        named("Spy Kids", angle=235),
        named("Saw", "whannell", angle=270),
        named("Saw Again", "whannell", angle=322),
    ]

    assert franchises(titles) == [0, 0, None, None, 4, 4]


def test_a_name_alone_proves_nothing() -> None:
    assert franchises([named("Heat"), named("Heat"), named("Heat 2")]) == [None, None, None]


def test_a_name_that_more_than_a_hundred_titles_have_is_a_common_word() -> None:
    assert franchises([named("Love", "ada")] * 102) == [0] * 100 + [None] * 2


def test_titles_whose_names_leave_nothing_have_no_name_in_common() -> None:
    assert franchises([named("9", "burton"), named("W.", "burton")]) == [None, None]


def test_members_meet_through_one_another() -> None:
    titles = [named("Saw", "a"), named("Saw II", "a", "b"), named("Saw III", "b"), named("Up", "a")]

    assert franchises(titles) == [0, 0, 0, None]
