"""How far each source is believed, field by field (spec/ingestion §5.1, field priority)."""

from collections.abc import Mapping

PRIORITIES: Mapping[str, int] = {
    "manual": 100,
    "eidr": 90,
    "gracenote": 90,
    "tmdb": 70,
    "streaming_availability": 50,
    "watchmode": 50,
    "youtube": 50,
    "webhook": 30,
    "generic": 10,
}
UNKNOWN = 20
"""A source nobody has judged: more than a bare file, less than a platform's own word."""


def priority(source: str) -> int:
    """Return how far a source is believed, 0 to 100; a higher one overwrites a lower one."""
    return PRIORITIES.get(source.replace("-", "_"), UNKNOWN)
