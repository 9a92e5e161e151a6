"""Sources that disagree on how long a title is (spec/ingestion §5.1).

The most trusted source's word is kept; that another one is far from it is shown, since the two may
speak of two cuts, or of two titles.
"""

from collections.abc import Mapping

APART = 5
"""Minutes by which a source may differ without being shown."""


def runtimes_apart(minutes: int | None, said: Mapping[str, int]) -> dict[str, int]:
    """Return the sources that are more than `APART` from what is kept, with what they say.

    Args:
        minutes: What is kept; where nothing is, nobody differs.
        said: Minutes by source.
    """
    if minutes is None:
        return {}
    return {source: one for source, one in sorted(said.items()) if abs(one - minutes) > APART}
