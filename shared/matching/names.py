"""What of a name tells: its words without those that sources put in or leave out."""

from functools import lru_cache

FILLERS = frozenset(
    {"the", "a", "an", "and", "of", "movie", "film", "series", "episode", "chapter"}
)
"""Words that say least of a name: sources put them in or leave them out."""
NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5",
    "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10",
}  # fmt: skip


@lru_cache(maxsize=65536)
def core(key: str) -> str:
    """Return a key without blanks and the words that say least; the key where nothing is left."""
    return "".join(telling_words(key)) or key


def telling_words(key: str) -> list[str]:
    """Return a key's words but for those that say least, numbers as digits."""
    return [NUMBERS.get(word, word) for word in key.split() if word not in FILLERS]
