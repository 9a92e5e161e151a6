"""To which title an item belongs (spec/ingestion §5.5, tiers 0 to 3 and 5).

=====  ==============================================  =============================================
tier   evidence                                        outcome
=====  ==============================================  =============================================
0      known listing, or a title named outright        accept, with the listing's confidence
1      EIDR                                            accept at 1.0, unless contradicted
2      Gracenote, IMDb, TMDb, TVDB, aggregator's id    accept at .99, unless contradicted
3      type, alike title, year +-1, one more feature   accept from .90 probability; ask from .80
5      none                                            own title
=====  ==============================================  =============================================

Ids that name different titles, or a title the item contradicts, are contested: they are not used
and not recorded, their titles are out of bounds for this item, a review is written, and the
remaining tiers decide (docs/decisions/0002-contested-ids.md). How names are compared and what the
probabilities come from: docs/matching.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.catalog.item import CanonicalItem
from shared.catalog.values import ExternalIdType
from shared.kernel.ids import Ids
from shared.matching.directory import Directory, ExternalId, Link
from shared.matching.facts import Facts, facts_of
from shared.matching.features import compare
from shared.matching.scorer import Score, score, scored
from shared.matching.vetoes import contradiction, veto

ACCEPT = 0.90
REVIEW = 0.80
NOT_AGAINST = 0.50
"""Two titles that a third record matches are asked about from here on: as likely one as two."""
BY_EIDR = 1.0
BY_ID = 0.99
BY_NAME_ALONE = 0.90
"""Confidence where title, year and type are all that is known, and no other title has them."""
SEVERAL = 2
RAREST = "equal-4"
NAMES = frozenset({"title", "year"})
TELLING = frozenset({"people", "overview"})

Ranked = tuple[UUID, Score, bool]
"""A candidate, how it compares, and whether the item may join it."""


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
    years_apart: list[tuple[UUID, Score]] = field(default_factory=list)
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
    """Join the likeliest title, or leave a question about it."""
    ranked = _ranked(case, directory)
    if ranked:
        best, compared, accepted = ranked[0]
        if accepted:
            _ask_of_others(case, directory, ranked)
            return _decision(case, best, "title", _confidence(compared))
        if compared.value >= REVIEW:
            _ask(case, "similar-title", best, compared)
    if case.years_apart:
        _ask(case, "years-apart", *max(case.years_apart, key=lambda one: (one[1].value, one[0])))
    return None


def _ask(case: _Case, reason: str, content_id: UUID, compared: Score) -> None:
    case.reviews.append(Review(reason, content_id, compared.value, compared.features))


def _ask_of_others(case: _Case, directory: Directory, ranked: Sequence[Ranked]) -> None:
    """Ask whether a title that the item also matches is one with the title it joins.

    The two must be able to be one title, and not look like two.
    """
    (best, first, _), *others = ranked
    joined = directory.facts[best].joined(case.facts)
    for content_id, compared, accepted in others:
        known = directory.facts[content_id]
        own = score(joined, known)
        if accepted and not veto(joined, known, own.pair) and own.value >= NOT_AGAINST:
            weakest = min(first, compared, key=lambda one: one.value)
            _ask(case, "both-match", content_id, weakest)


def _ranked(case: _Case, directory: Directory) -> list[Ranked]:
    """Return the likeliest titles: accepted ones first, then by probability, then the oldest."""
    candidates = list(_scored(case, directory))
    same_names = sum(compared.compared.is_equal for _, compared in candidates)
    found: list[Ranked] = []
    for content_id, compared in candidates:
        known = directory.facts[content_id]
        agreed = has_agreed(case.facts, known, compared, alone=same_names == 1)
        found.append((content_id, compared, agreed and compared.value >= ACCEPT))
    return sorted(found, key=lambda one: (not one[2], -one[1].value, one[0]))


def _scored(case: _Case, directory: Directory) -> Iterable[tuple[UUID, Score]]:
    for content_id in directory.similar(case.facts):
        if content_id in case.barred:
            continue
        known = directory.facts[content_id]
        compared = compare(case.facts, known)
        if not compared.is_candidate:
            continue
        why = veto(case.facts, known, compared.pair)
        if why is None:
            yield content_id, scored(compared)
        elif why == "year" and (apart := scored(compared)).value >= ACCEPT:
            case.years_apart.append((content_id, apart))  # a remake, or one film dated twice


def has_agreed(left: Facts, right: Facts, compared: Score, *, alone: bool) -> bool:
    """Tell whether anything beyond title and type speaks for the two being one.

    Known years have been checked by the veto. A missing year is no evidence, so something else must
    stand in for it: people or the overview beside another feature, or a very rare name beside one.
    Where neither side knows anything but title, year and type, equal ones suffice if no other title
    has them.
    """
    agreeing = compared.compared.agreeing()
    if left.year is None or right.year is None:
        told = len(agreeing) >= SEVERAL and bool(agreeing & TELLING)
        return told or (bool(agreeing) and compared.compared.levels["title"] == RAREST)
    if agreeing:
        return True
    alone = alone or bool(compared.features.keys() - NAMES)
    return alone and compared.compared.is_equal and left.year == right.year


def _confidence(compared: Score) -> float:
    if compared.features.keys() - NAMES:
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
