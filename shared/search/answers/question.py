"""What two searches have in common that have one answer, as a key.

Versions stand in the key, so that nothing has to be looked for and deleted where the ranking or the
catalog changes: what was kept is asked for no more, and ends by itself.
"""

from dataclasses import dataclass
from hashlib import sha256

import orjson

from shared.search.query import SearchQuery
from shared.search.tuning.model import Tuned

FORM = 1
"""Raised with every change of what an answer says: what another version kept is not read."""


@dataclass(frozen=True)
class Question:
    """A search whose answer is nobody's own.

    Nothing here names a viewer: an answer in which somebody's taste counts has no question.

    Attributes:
        query: As it is searched, with the limits of the viewer's profile among its filters.
        tuned: How it is ranked.
        catalog: What was searched: changes with every change of titles that answers shall show.
        anonymous: Nobody signed in; these answers may be kept longer.
    """

    query: SearchQuery
    tuned: Tuned
    catalog: str
    anonymous: bool = True

    @property
    def key(self) -> str:
        """Return 64 hexadecimal digits, other ones wherever the answer may be another."""
        said = self.query.model_dump(mode="json", exclude={"query", "without"})
        # The order in which chips were taken away says nothing; any other order shows somewhere.
        said |= {"text": self.query.text, "without": sorted(set(self.query.without))}
        # The numbers too: a version that nobody set is another one with the next release.
        ranked = (self.tuned.version, self.tuned.variant, self.tuned.tuning.model_dump())
        whole = [FORM, said, *ranked, self.catalog, "anonymous" if self.anonymous else "user"]
        return sha256(orjson.dumps(whole, option=orjson.OPT_SORT_KEYS)).hexdigest()
