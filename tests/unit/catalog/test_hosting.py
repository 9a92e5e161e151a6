"""Pictures of titles under addresses that stay: which one is copied, when, and what is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.catalog.hosting import (
    LEAST_WIDTH,
    WIDTHS,
    Original,
    PictureDesk,
    PictureUnknownError,
    WhichCopy,
    WhichPicture,
    best_of,
    hosted,
    name_of,
    shown,
    width_of,
)
from shared.catalog.values import ImageKind
from shared.kernel.errors import UnavailableError

HEAT = UUID(int=1)
NARROW, MIDDLE, WIDE = (Original(w, f"https://img.example/{w}.jpg") for w in (150, 480, 1440))


@dataclass
class Host:
    """Pictures of a title, at providers and at ours."""

    found: list[Original] = field(default_factory=lambda: [WIDE, NARROW, MIDDLE])
    kept: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers: bool = True

    def of(self, content_id: UUID, kind: ImageKind) -> list[Original]:
        """Return what there is."""
        assert (content_id, kind) == (HEAT, ImageKind.POSTER)
        return self.found

    def put(self, name: str, content: bytes) -> None:
        """Keep a copy."""
        self.kept[name] = content

    def get(self, name: str) -> bytes | None:
        """Return a copy."""
        return self.kept.get(name)

    def fetch(self, url: str) -> bytes:
        """Return a picture's bytes."""
        self.asked.append(url)
        if not self.answers:
            raise UnavailableError("it answers 403")
        return url.encode()

    def find(self, width: int = 342) -> str:
        """Return where the picture is shown."""
        desk = PictureDesk(self, self, self.fetch, lambda c, w, least: b"%d %d " % (w, least) + c)
        return desk.find(WhichPicture(id=HEAT, kind=ImageKind.POSTER, width=width))


def test_a_picture_is_copied_once_and_shown_under_a_name_of_its_own() -> None:
    host = Host()

    first, again = host.find(), host.find()

    assert first == again == f"/api/v1/images/{name_of(MIDDLE, 342)}"
    assert host.asked == [MIDDLE.url]
    assert host.kept == {name_of(MIDDLE, 342): b"342 200 " + MIDDLE.url.encode()}
    assert WhichCopy(file=name_of(MIDDLE, 342)).file in first


def said(kind: str, *originals: Original) -> list[dict[str, object]]:
    """Return pictures as a title's page has them."""
    return [{"kind": kind, "width": one.width, "url": one.url} for one in originals]


def test_a_title_names_each_width_that_there_is_once_and_where_it_is_shown() -> None:
    found = hosted(str(HEAT), [*said("poster", NARROW, MIDDLE), *said("backdrop", WIDE)])

    widths = {kind: [p["width"] for p in found if p["kind"] == kind] for kind in ("poster", "logo")}
    assert widths == {"poster": [92, 185, 342, 480], "logo": []}
    assert [p["width"] for p in found if p["kind"] == "backdrop"] == list(WIDTHS)
    last = next(p for p in found if p["width"] == 480)
    assert last["url"] == f"/api/v1/content/{HEAT}/images/poster?width=500"


def test_a_title_among_many_shows_one_picture_of_each_kind_which_its_page_names_too() -> None:
    said_of_it = [*said("poster", NARROW, MIDDLE), *said("backdrop", WIDE)]

    found = shown(str(HEAT), said_of_it)

    assert [(p["kind"], p["width"]) for p in found] == [("backdrop", 780), ("poster", 480)]


@given(
    st.lists(st.builds(Original, st.integers(1, 2000), st.sampled_from(("https://a", "http://a"))))
)
def test_what_is_shown_among_many_is_the_widest_of_the_page(originals: list[Original]) -> None:
    images = said("poster", *originals)

    assert shown(str(HEAT), images) == hosted(str(HEAT), images)[-1:]


def test_what_is_never_copied_is_not_named() -> None:
    plain = Original(480, "http://img.example/480.jpg")

    assert hosted(str(HEAT), said("poster", NARROW, plain)) == []
    assert best_of([plain], 342) is None


def test_another_picture_of_the_title_has_another_name() -> None:
    host = Host()
    before = host.find()
    host.found = [Original(480, "https://img.example/new.jpg")]

    assert host.find() != before


@pytest.mark.parametrize(
    ("asked", "given"), [(1, 92), (92, 92), (93, 185), (342, 342), (501, 780), (780, 780)]
)
def test_the_next_width_is_given(asked: int, given: int) -> None:
    assert width_of(asked) == given


@pytest.mark.parametrize("width", WIDTHS)
def test_the_narrowest_that_is_wide_enough_is_copied_else_the_widest(width: int) -> None:
    found = best_of([WIDE, NARROW, MIDDLE], width)

    assert found == (MIDDLE if width <= 480 else WIDE)
    assert found.width >= LEAST_WIDTH
    assert best_of([NARROW], width) == NARROW
    assert best_of([], width) is None


def test_what_nobody_gives_is_no_picture_and_is_asked_for_again() -> None:
    host = Host(answers=False)
    for _ in range(2):
        with pytest.raises(PictureUnknownError, match="a poster now"):
            host.find()
    assert (len(host.asked), host.kept) == (2, {})
    host.found = []
    with pytest.raises(PictureUnknownError, match="has no poster"):
        host.find()


@pytest.mark.parametrize(
    "file", ["../../etc/passwd", f"{'a' * 40}-342.png", f"{'A' * 40}-342.webp"]
)
def test_a_name_that_is_none_is_refused(file: str) -> None:
    with pytest.raises(ValidationError):
        WhichCopy(file=file)
