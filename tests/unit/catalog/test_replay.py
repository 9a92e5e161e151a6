"""What records that were set aside come to when they are read again."""

from hypothesis import given
from hypothesis import strategies as st

from shared.catalog.raw import Normalized, RecordError
from shared.catalog.replay import Aside, tried_again
from tests.unit.catalog.pages import RAW_URI, file_page, normalized, v4_page
from tests.unit.catalog.test_streaming_availability import NETFLIX, option, show

ROW = {"title": "Heat", "type": "MOVIE", "release_year": "1995"}
NONE: frozenset[str] = frozenset()


def rows(count: int) -> Normalized:
    """Return what becomes of a page of so many good rows."""
    return normalized(file_page(*[{**ROW, "id": f"tm{n}"} for n in range(count)]))


def test_record_that_can_be_read_now_is_freed_and_the_others_of_its_page_stay_out_of_it() -> None:
    aside = Aside(RAW_URI, frozenset({f"{RAW_URI}#1"}), NONE, 3)

    trial = tried_again(aside, rows(3))

    assert trial.freed == {f"{RAW_URI}#1"}
    assert [item.platform_content_id for item in trial.items] == ["jw:tm1"]
    assert (trial.counts.read, trial.counts.normalized, trial.counts.set_aside) == (0, 1, -1)


def test_record_of_which_the_same_is_wrong_stays_set_aside() -> None:
    found = normalized(file_page({**ROW, "title": ""}, ROW))

    trial = tried_again(Aside(RAW_URI, frozenset({f"{RAW_URI}#0"}), NONE, 2), found)

    assert (trial.freed, trial.items, trial.errors) == (NONE, (), ())


def test_part_of_a_record_that_was_wrong_comes_alone() -> None:
    both = show(NETFLIX, option("hulu"))
    aside = Aside(RAW_URI, frozenset({f"{RAW_URI}#0.hulu"}), NONE, 2)

    trial = tried_again(aside, normalized(v4_page(both)))

    assert [item.platform for item in trial.items] == ["hulu"]
    assert trial.counts.read == 0


def test_record_that_is_read_now_but_for_a_part_leaves_that_part_set_aside() -> None:
    item = rows(1).items[0].model_copy(update={"platform": "netflix"})
    wrong = RecordError(0, "link", "is no address", part="hulu")

    trial = tried_again(
        Aside(RAW_URI, frozenset({f"{RAW_URI}#0"}), NONE, 1), Normalized((item,), (wrong,))
    )

    assert trial.freed == {f"{RAW_URI}#0"}
    assert trial.errors == (wrong,)
    assert (trial.counts.read, trial.counts.normalized, trial.counts.set_aside) == (1, 1, 0)


def test_page_that_was_set_aside_whole_is_counted_anew() -> None:
    trial = tried_again(Aside(RAW_URI, frozenset({RAW_URI}), NONE, 10), rows(4))

    assert len(trial.items) == 4
    assert (trial.counts.read, trial.counts.normalized, trial.counts.set_aside) == (-6, 4, -10)


@given(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 8)))
def test_what_was_read_stays_what_is_stored_set_aside_and_on_its_way(
    unread: set[int], refused: set[int]
) -> None:
    by_step = [frozenset(f"{RAW_URI}#{n}" for n in of) for of in (unread, refused - unread)]

    trial = tried_again(Aside(RAW_URI, by_step[0], by_step[1], 6), rows(6))

    counts = trial.counts
    assert counts.read == counts.resolved + counts.set_aside + len(trial.items)
    assert counts.set_aside == -len(trial.freed)
