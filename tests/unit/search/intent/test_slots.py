"""What a tagger adds to what the grammar reads."""

from collections.abc import Mapping, Sequence

from shared.search.intent.model import Found, Kind, Person, Role
from shared.search.intent.slots import TAGGED, understand_tagged
from shared.search.intent.understand import understand
from shared.search.intent.vocabulary import Names


class Says:
    """A tagger that labels known words and no others."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = labels

    def tag(self, words: Sequence[str]) -> list[str]:
        """Return the label of every word."""
        return [self._labels.get(word, "O") for word in words]


HARA = Says({"setsuko": "B-ACTOR", "hara": "I-ACTOR"})


def read(text: str, tagger: Says, names: Names | None = None) -> list[Found]:
    return list(understand_tagged(text, tagger, names or Names(), year=2026).found)


def test_people_nobody_announced_are_found_softly() -> None:
    text = "quiet dramas setsuko hara was in"

    person = next(one for one in read(text, HARA) if one.kind is Kind.PERSON)

    assert person.value == Person("setsuko hara", Role.ACTOR)
    assert text[person.span.start : person.span.end] == "setsuko hara"
    assert person.certainty == TAGGED


def test_the_catalogs_way_to_write_a_name_is_taken() -> None:
    [person] = read("what setsuko hara made", HARA, Names(people=["Setsuko Hara"]))

    assert person.value == Person("Setsuko Hara", Role.ANY)


def test_what_the_grammar_read_stays() -> None:
    intent = understand_tagged("robots on netflix", Says({"netflix": "B-TITLE"}), year=2026)

    assert intent == understand("robots on netflix", year=2026)


def test_what_touches_what_the_grammar_read_is_found_beside_it() -> None:
    after = read("in 1994ronin", Says({"ronin": "B-TITLE"}))
    before = read("watch 8comedies", Says({"8": "B-TITLE"}))

    assert [one.kind for one in after] == [Kind.YEARS, Kind.TITLE]
    assert [one.kind for one in before] == [Kind.TITLE, Kind.GENRE]


def test_slots_of_values_count_only_as_far_as_the_grammar_reads_them() -> None:
    tagger = Says({"gloomy": "B-GENRE", "fiction": "I-GENRE", "robots": "B-PLOT"})

    assert read("gloomy fiction about robots", tagger) == []


def test_a_value_that_the_grammar_took_for_a_word_of_a_title_is_found_softly() -> None:
    text, names = "the king of comedy on netflix", Names(["The King of Comedy"])

    [genre] = [
        one for one in read(text, Says({"comedy": "B-GENRE"}), names) if one.kind is Kind.GENRE
    ]

    assert (genre.value, genre.certainty) == (("Comedy",), TAGGED)
    assert text[genre.span.start : genre.span.end] == "comedy"
    assert [one.kind for one in read(text, Says({}), names)] == [Kind.PLATFORM]


def test_a_title_among_other_words_is_searched_for() -> None:
    intent = understand_tagged(
        "who wrote the songs of ronin", Says({"ronin": "B-TITLE"}), year=2026
    )

    assert list(intent.values(Kind.TITLE)) == ["ronin"]
    assert "ronin" in intent.search_text
