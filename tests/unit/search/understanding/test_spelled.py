"""Where a place of the text as it was meant stood in the text as it was given."""

from __future__ import annotations

import pytest

from shared.search.intent.model import Span
from shared.search.understanding.spelled import Edit, Spelled

# "a comdie, 2" was given and "a comedies, 2" is meant.
MEANT = Spelled("a comedies, 2", (Edit(Span(2, 8), Span(2, 10)),))


@pytest.mark.parametrize(
    ("meant", "given"),
    [
        (Span(0, 1), Span(0, 1)),
        (Span(0, 2), Span(0, 2)),
        (Span(0, 4), Span(0, 8)),
        (Span(2, 10), Span(2, 8)),
        (Span(4, 6), Span(2, 8)),
        (Span(4, 13), Span(2, 11)),
        (Span(10, 13), Span(8, 11)),
        (Span(12, 13), Span(10, 11)),
    ],
)
def test_what_touches_a_slip_is_all_of_it_and_the_rest_is_moved(meant: Span, given: Span) -> None:
    assert MEANT.given(meant) == given
