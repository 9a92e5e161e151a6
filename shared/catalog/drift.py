"""When a provider's answers no longer have the shape we read (spec/ingestion §5.1, §7)."""

from dataclasses import dataclass
from datetime import timedelta

from shared.kernel.errors import UnavailableError

SHARE = 0.05
"""Share of listings that cannot be read from which on the shape has changed."""
LEAST = 5
"""Fewer records of which something cannot be read are bad records, however much that is of them."""
STOPPED_FOR = timedelta(days=1)
"""After that long one fetch tries again, and stops the provider anew where nothing has changed."""


class SchemaDriftError(UnavailableError):
    """Too much of what a provider delivers cannot be read."""


class ProviderStoppedError(UnavailableError):
    """A provider is not asked, since its answers could not be read.

    Attributes:
        retry_after_seconds: Until it is tried again.
    """

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True)
class Tally:
    """Listings that were looked at, how many of them could not be read, and of how many records."""

    read: int = 0
    unreadable: int = 0
    faulty: int = 0

    def plus(self, other: "Tally") -> "Tally":
        """Return both together."""
        unreadable, faulty = self.unreadable + other.unreadable, self.faulty + other.faulty
        return Tally(self.read + other.read, unreadable, faulty)

    @property
    def has_drifted(self) -> bool:
        """Tell whether that is a changed shape, and no longer bad records."""
        return self.faulty >= LEAST and self.unreadable > SHARE * self.read


def check_drift(page: Tally, part: Tally, raw_uri: str) -> None:
    """Make sure that a provider's answers still have the shape we read.

    Args:
        page: What the latest page came to.
        part: What all pages of the fetch came to, that one too.
        raw_uri: Where the page lies.

    Raises:
        SchemaDriftError: Of the page, or of all pages, more than `SHARE` cannot be read.
    """
    found = page if page.has_drifted else part
    if found.has_drifted:
        raise SchemaDriftError(
            f"{found.unreadable} of {found.read} listings cannot be read, lately of {raw_uri}"
        )
