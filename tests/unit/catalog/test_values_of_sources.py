"""Money, languages, certificates and texts as sources write them."""

from datetime import UTC, date, datetime

import pytest

from shared.catalog import texts
from shared.catalog.languages import bcp47
from shared.catalog.maturity import maturity_of
from shared.catalog.money import minor_units


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("3.99", "USD", 399),
        ("120", "INR", 12000),
        ("500", "JPY", 500),
        ("1.250", "KWD", 1250),
        ("0", "EUR", 0),
        ("9.9", "GBP", 990),
    ],
)
def test_amount_becomes_minor_units_of_its_currency(amount: str, currency: str, minor: int) -> None:
    assert minor_units(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("3.999", "USD"),
        ("1.5", "JPY"),
        ("-1", "USD"),
        ("NaN", "USD"),
        ("free", "USD"),
        ("1e12", "USD"),
    ],
)
def test_amount_that_is_no_price_is_refused(amount: str, currency: str) -> None:
    with pytest.raises(ValueError, match=amount):
        minor_units(amount, currency)


@pytest.mark.parametrize(
    ("code", "region", "tag"),
    [
        ("eng", None, "en"),
        ("ger", None, "de"),
        ("deu", None, "de"),
        ("spa", "419", "es-419"),
        ("fra", "CAN", "fr-CA"),
        ("fra", "XYZZ", "fr"),
        ("por", "br", "pt-BR"),
        ("yue", None, "yue"),
        ("EN", None, "en"),
        ("und", None, None),
        ("english", None, None),
        ("", None, None),
    ],
)
def test_language_code_becomes_its_tag(code: str, region: str | None, tag: str | None) -> None:
    assert bcp47(code, region) == tag


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("PG-13", ("MPA", "PG-13")),
        ("TV-MA", ("TVPG", "TV-MA")),
        ("16+", ("age", "16+")),
        ("AGES_18_", ("age", "18+")),
        ("FSK 12", ("other", "FSK 12")),
        ("NOT_RATE", None),
        ("UNRATED", None),
        ("", None),
    ],
)
def test_certificate_is_told_with_its_board(value: str, expected: tuple[str, str] | None) -> None:
    assert maturity_of(value) == expected


@pytest.mark.parametrize(
    ("written", "near", "expected"),
    [
        ("3/18/15", 2015, date(2015, 3, 18)),
        ("11/15/66", 1966, date(1966, 11, 15)),
        ("1/1/30", 1930, date(1930, 1, 1)),
        ("September 25, 2021", None, date(2021, 9, 25)),
        (" August 4, 2017", None, date(2017, 8, 4)),
        ("2020-02-29", None, date(2020, 2, 29)),
        ("", None, None),
    ],
)
def test_date_is_read_in_the_century_of_its_year(
    written: str, near: int | None, expected: date | None
) -> None:
    assert texts.day(written, near=near) == expected


@pytest.mark.parametrize("written", ["13/13/13", "Febtember 3, 2020", "2021-02-30", "soon"])
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="no date"):
        texts.day(written)


def test_moments_are_seconds_dates_or_rfc_3339() -> None:
    new_year = datetime(2026, 1, 1, tzinfo=UTC)

    assert texts.moment(1767225600) == texts.moment("1767225600") == new_year
    assert texts.moment("2026-01-01") == texts.moment("2026-01-01T01:00:00+01:00") == new_year
    assert texts.moment(" ") is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Matrix, The (1999)", ("The Matrix", None, 1999)),
        ("American President;The (1995)", ("The American President", None, 1995)),
        ("Lost;Lost;Lost (1976) ", ("Lost, Lost, Lost", None, 1976)),
        ("Hate (Haine;La) (1995)", ("Hate", "La Haine", 1995)),
        (
            "Eye of Vichy;The (Oeil de Vichy;L') (1993)",
            ("The Eye of Vichy", "L'Oeil de Vichy", 1993),
        ),
        ("Independence Day (a.k.a. ID4) (1996)", ("Independence Day", "ID4", 1996)),
        ("Mona (Mona ja aika) (1983))", ("Mona", "Mona ja aika", 1983)),
        ("(500) Days of Summer (2009)", ("(500) Days of Summer", None, 2009)),
        (
            "Birdman: Or (The Unexpected Virtue of Ignorance) (2014)",
            ("Birdman: Or (The Unexpected Virtue of Ignorance)", None, 2014),
        ),
        ("1984", ("1984", None, None)),
    ],
)
def test_title_with_year_is_taken_apart(
    written: str, expected: tuple[str, str | None, int | None]
) -> None:
    assert texts.title_and_year(written, comma=";") == expected


@pytest.mark.parametrize(
    ("value", "split", "expected"),
    [
        ("['drama', 'crime']", "python", ("drama", "crime")),
        ('["drama", "crime"]', "json", ("drama", "crime")),
        ("[]", "python", ()),
        ("", "python", ()),
        ("Drama|Crime|Drama", "|", ("Drama", "Crime")),
        (["Drama", 7, " "], "|", ("Drama",)),
        (None, ",", ()),
    ],
)
def test_list_is_read_however_it_is_written(
    value: object, split: str, expected: tuple[str, ...]
) -> None:
    assert texts.listed(value, split) == expected


@pytest.mark.parametrize("value", ["__import__('os')", "['drama'", "{'a': 1}", "drama"])
def test_python_list_is_never_evaluated_as_code(value: str) -> None:
    with pytest.raises(ValueError, match="no list"):
        texts.listed(value, "python")


def test_value_that_contains_the_separator_stays_whole_where_told() -> None:
    together = ("Arts, Entertainment, and Culture",)

    found = texts.listed("Drama, Arts, Entertainment, and Culture", ",", together=together)

    assert set(found) == {"Drama", "Arts, Entertainment, and Culture"}


@pytest.mark.parametrize(
    ("value", "expected"), [("1.0", 1), ("808582.0", 808582), (3, 3), ("", None)]
)
def test_whole_number_may_be_written_as_a_float(value: object, expected: int | None) -> None:
    assert texts.whole(value) == expected


@pytest.mark.parametrize("value", ["1.5", "many", "inf", [1]])
def test_what_is_no_whole_number_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="number"):
        texts.whole(value)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("GonzÃ¡lez IÃ±Ã¡rritu", "González Iñárritu"),
        ("Sheâ€™s Funny", "She’s Funny"),
        ("Amélie", "Amélie"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
    ],
)
def test_text_decoded_once_too_often_is_repaired(given: str, expected: str) -> None:
    assert texts.repaired(given) == expected
