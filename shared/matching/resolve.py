"""To which title an item belongs (spec/ingestion §5.5, tiers 0 to 3 and 5).

=====  ==============================================  =============================================
tier   evidence                                        outcome
=====  ==============================================  =============================================
0      known listing, or a title named outright        accept, with the listing's confidence
1      EIDR                                            accept at 1.0, unless contradicted
2      Gracenote, IMDb, TMDb, TVDB, aggregator's id    accept at .99, unless contradicted
3      type, title >= .85, year +-1, one more feature  accept from .90; review from .80
       type, equal title, equal year, one more feature  accept from .80
5      none                                            own title
=====  ==============================================  =============================================

Ids that name different titles, or a title the item contradicts, are contested: they are not used
and not recorded, their titles are out of bounds for this item, a review is written, and the
remaining tiers decide (docs/decisions/0002-contested-ids.md, with what was measured).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.catalog.item import CanonicalItem
from shared.catalog.values import ExternalIdType
from shared.kernel.ids import Ids
from shared.matching.directory import Directory, ExternalId, Link
from shared.matching.facts import Facts, facts_of
from shared.matching.scorer import Score, score
from shared.matching.vetoes import SAME_TITLE, agreements, comparable, contradiction, veto

ACCEPT = 0.90
REVIEW = 0.80
BY_EIDR = 1.0
BY_ID = 0.99
BY_NAME_ALONE = 0.90
"""Confidence where title, year and type are all that is known, and no other title has them."""
SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Review:
    """A question for a person: is the item also this title?"""

    reason: str
    candidate_id: UUID
    score: float
    features: dict[str, float]
    external_id: ExternalId | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """Where an item goes.

    Attributes:
        content_id: The title it belongs to.
        is_new: The title is made for it.
        method: ``listing``, ``given``, ``id``, ``title`` or ``new``.
        confidence: 0 to 1; ids recorded with less than .95 never lead to a title.
        claims: The item's ids that may be recorded for the title.
        reviews: Questions it raised.
    """

    content_id: UUID
    is_new: bool
    method: str
    confidence: float
    claims: tuple[ExternalId, ...]
    reviews: tuple[Review, ...] = ()


@dataclass
class _Case:
    """One item under decision: what is contested grows tier by tier."""

    facts: Facts
    ids: list[ExternalId]
    barred: set[UUID] = field(default_factory=set)
    reviews: list[Review] = field(default_factory=list)


def resolve(
    item: CanonicalItem, directory: Directory, ids: Ids, *, facts: Facts | None = None
) -> Decision:
    """Decide where an item goes, and make the directory know it.

    Args:
        item: What a source says.
        directory: Every stored title that the item's listing, ids or names can reach.
        ids: Makes the id of a new title.
        facts: The item's facts, where the caller has them already.
    """
    case = _Case(facts or facts_of(item), _ordered(item))
    decision = (
        _by_listing(item, case, directory)
        or _by_given(item, case, directory)
        or _by_ids(case, directory)
        or _by_title(case, directory)
        or _made(case, ids)
    )
    _remember(item, case.facts, decision, directory)
    return decision


def _ordered(item: CanonicalItem) -> list[ExternalId]:
    """Return the item's ids, strongest type first (the order of `ExternalIdType`)."""
    return [(kind, item.external_ids[kind]) for kind in ExternalIdType if kind in item.external_ids]


def _by_listing(item: CanonicalItem, case: _Case, directory: Directory) -> Decision | None:
    link = directory.listings.get((item.platform, item.platform_content_id))
    if link is None:
        return None
    for external_id in list(case.ids):
        named = directory.bridge(external_id)
        if named is not None and named != link.content_id:
            _contest(case, directory, "id-elsewhere", [(external_id, named)])
    confidence = min(link.confidence, BY_ID)
    return _decision(case, link.content_id, "listing", confidence)


def _by_given(item: CanonicalItem, case: _Case, directory: Directory) -> Decision | None:
    known = directory.facts.get(item.entity_id) if item.entity_id else None
    if known is None or item.entity_id is None or known.family != case.facts.family:
        return None
    return _decision(case, item.entity_id, "given", BY_ID)


def _by_ids(case: _Case, directory: Directory) -> Decision | None:
    hits = [(found, named) for found in case.ids if (named := directory.bridge(found)) is not None]
    named_titles = {named for _, named in hits}
    if len(named_titles) >= SEVERAL:
        _contest(case, directory, "ids-disagree", hits)
        return None
    if not hits:
        return None
    (external_id, named), *_ = hits
    why = contradiction(case.facts, directory.facts[named], supporting_ids=len(hits))
    if why is not None:
        _contest(case, directory, f"id-contradicts-{why}", hits)
        return None
    confidence = BY_EIDR if external_id[0] is ExternalIdType.EIDR else BY_ID
    return _decision(case, named, "id", confidence)


def _contest(
    case: _Case, directory: Directory, reason: str, hits: Sequence[tuple[ExternalId, UUID]]
) -> None:
    """Take ids and the titles they name out of the case, one question per title."""
    for external_id, named in hits:
        case.ids.remove(external_id)
        if named in case.barred:
            continue
        case.barred.add(named)
        compared = score(case.facts, directory.facts[named])
        case.reviews.append(
            Review(reason, named, compared.value, compared.features, external_id=external_id)
        )


def _by_title(case: _Case, directory: Directory) -> Decision | None:
    """Join the most similar title, or leave a question about it."""
    best = _best(case, directory)
    if best is None:
        return None
    content_id, compared, accepted = best
    if accepted:
        return _decision(case, content_id, "title", _confidence(case, compared, directory, best[0]))
    if compared.value >= REVIEW:
        case.reviews.append(Review("similar-title", content_id, compared.value, compared.features))
    return None


def _best(case: _Case, directory: Directory) -> tuple[UUID, Score, bool] | None:
    """Return the likeliest title: accepted ones first, then by score, then the oldest."""
    found: list[tuple[UUID, Score, bool]] = []
    scored = list(_scored(case, directory))
    for content_id, compared in scored:
        known = directory.facts[content_id]
        agreed = _agreed(case.facts, known, compared, alone=len(scored) == 1)
        enough = REVIEW if _equal(case.facts, known, compared) else ACCEPT
        found.append((content_id, compared, agreed and compared.value >= enough))
    return min(found, key=lambda one: (not one[2], -one[1].value, one[0]), default=None)


def _scored(case: _Case, directory: Directory) -> Iterable[tuple[UUID, Score]]:
    for content_id in directory.similar(case.facts):
        if content_id in case.barred:
            continue
        known = directory.facts[content_id]
        compared = score(case.facts, known)
        if compared.features["title"] < SAME_TITLE or veto(case.facts, known, compared.pair):
            continue
        yield content_id, compared


def _agreed(left: Facts, right: Facts, compared: Score, *, alone: bool) -> bool:
    """Tell whether anything beyond title and type speaks for the two being one.

    Known years have been checked by the veto. A missing year is no evidence, so two features must
    stand in for it, one of them a person. Where neither side knows anything but title, year and
    type, equal ones suffice if no other title has them.
    """
    features = agreements(left, right)
    if left.year is None or right.year is None:
        return len(features) >= SEVERAL and "credits" in features
    if features:
        return True
    if not _equal(left, right, compared):
        return False
    return bool(left.genres & right.genres) or (alone and not comparable(left, right))


def _equal(left: Facts, right: Facts, compared: Score) -> bool:
    """Tell whether title and year are equal, not only alike.

    Sources file one film under other genres and give it other lengths, so what is left to disagree
    about then counts for less: `REVIEW` is enough to join, and one shared genre is an agreement.
    """
    return compared.features["title"] == 1 and left.year is not None and left.year == right.year


def _confidence(case: _Case, compared: Score, directory: Directory, content_id: UUID) -> float:
    if agreements(case.facts, directory.facts[content_id]):
        return round(min(compared.value, BY_ID), 4)  # what single precision gives back unchanged
    return BY_NAME_ALONE


def _made(case: _Case, ids: Ids) -> Decision:
    return Decision(
        content_id=ids.new(),
        is_new=True,
        method="new",
        confidence=BY_ID,
        claims=tuple(case.ids),
        reviews=tuple(case.reviews),
    )


def _decision(case: _Case, content_id: UUID, method: str, confidence: float) -> Decision:
    return Decision(
        content_id=content_id,
        is_new=False,
        method=method,
        confidence=confidence,
        claims=tuple(case.ids),
        reviews=tuple(case.reviews),
    )


def _remember(item: CanonicalItem, facts: Facts, decision: Decision, directory: Directory) -> None:
    """Make listing, names and ids findable for the rest of the page."""
    listing = (item.platform, item.platform_content_id)
    directory.listings.setdefault(listing, Link(decision.content_id, decision.confidence))
    directory.add(decision.content_id, facts)
    for external_id in decision.claims:
        known = directory.external.get(external_id)
        if known is None or known.confidence < decision.confidence:
            directory.external[external_id] = Link(decision.content_id, decision.confidence)
