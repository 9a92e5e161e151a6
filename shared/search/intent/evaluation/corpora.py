"""Questions with a label per word: ``word label`` a line, an empty line between questions.

A file is named after its corpus and its part: ``engtrain.bio.gz`` and ``engtest.bio.gz`` are two
parts of one. Words and labels may be separated by a tab or by spaces; files may be compressed.
"""

import gzip
import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from shared.kernel.errors import InvalidInputError, NotFoundError

Sentence = tuple[tuple[str, ...], tuple[str, ...]]
_SUFFIXES = (".bio", ".bio.gz", ".bio.txt", ".bio.txt.gz")
_PLAIN = (".txt", ".txt.gz")
_PART = re.compile(r"[._-]?(train|test)$")
_LABEL = re.compile(r"O|[BI]-\S+")
TENTHS = 10


def corpora_in(folder: Path) -> dict[str, dict[str, Path]]:
    """Return the files of a folder by corpus, and by part (``train``, ``test``, or empty).

    Raises:
        NotFoundError: There is none.
    """
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(folder.iterdir()):
        name, part = named(path)
        if path.is_file() and path.name.endswith(_SUFFIXES + (_PLAIN if part else ())):
            found.setdefault(name, {})[part] = path
    if not found:
        raise NotFoundError(f"{folder} has no file *.bio or *.bio.gz")
    return found


def named(path: Path) -> tuple[str, str]:
    """Return the corpus and the part that a file's name tells."""
    stem = path.name.split(".", 1)[0]
    match = _PART.search(stem)
    return (stem[: match.start()], match[1]) if match else (stem, "")


def sentences_of(path: Path) -> list[Sentence]:
    """Return the labelled questions of a file.

    Raises:
        InvalidInputError: It cannot be read, has a line of another shape, or no question.
    """
    try:
        with _open(path) as lines:
            found = list(_sentences(lines, path))
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path} cannot be read: {error}") from None
    if not found:
        raise InvalidInputError(f"{path} has no question")
    return found


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _sentences(lines: Iterable[str], path: Path) -> Iterator[Sentence]:
    words: list[str] = []
    labels: list[str] = []
    for number, line in enumerate(lines, 1):
        parts = line.split()
        if not parts and words:
            yield tuple(words), tuple(labels)
            words, labels = [], []
        elif parts:
            if len(parts) != 2 or not _LABEL.fullmatch(parts[1]):  # noqa: PLR2004 - word and label
                raise InvalidInputError(f"{path}, line {number}: is no word and label")
            words.append(parts[0])
            labels.append(parts[1])
    if words:
        yield tuple(words), tuple(labels)


def is_held_out(sentence: Sentence) -> bool:
    """Tell one tenth of questions by their words, so that like ones are on one side."""
    return int(sha256(" ".join(sentence[0]).encode()).hexdigest(), 16) % TENTHS == 0
