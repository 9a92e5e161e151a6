"""The words of the catalogue: content types, offers, ids, genres. One module holds its enums."""

from enum import StrEnum
from typing import NewType
from uuid import UUID

ContentId = NewType("ContentId", UUID)
"""Our own id of one real title, stable for its life; a merged title leaves a redirect."""


class ContentType(StrEnum):
    """What kind of thing can be watched."""

    MOVIE = "movie"
    SERIES = "series"
    SEASON = "season"
    EPISODE = "episode"
    SHORT = "short"
    DOCUMENTARY = "documentary"
    SPECIAL = "special"
    UNKNOWN = "unknown"


class OfferType(StrEnum):
    """On what terms something can be watched."""

    SUBSCRIPTION = "subscription"
    ADDON = "addon"
    FREE = "free"
    ADS = "ads"
    RENTAL = "rental"
    PURCHASE = "purchase"


class Quality(StrEnum):
    """Best picture of an offer."""

    SD = "sd"
    HD = "hd"
    QHD = "qhd"
    UHD = "uhd"


class CreditRole(StrEnum):
    """What a person did."""

    ACTOR = "actor"
    DIRECTOR = "director"
    WRITER = "writer"
    CREATOR = "creator"


class ImageKind(StrEnum):
    """What a picture is for."""

    POSTER = "poster"
    BACKDROP = "backdrop"
    LOGO = "logo"


class ExternalIdType(StrEnum):
    """Who gave an external id, strongest first (spec/ingestion §5.5)."""

    EIDR = "eidr"
    GRACENOTE = "gracenote"
    IMDB = "imdb"
    TMDB_MOVIE = "tmdb_movie"
    TMDB_TV = "tmdb_tv"
    TVDB = "tvdb"
    STREAMING_AVAILABILITY = "sa"


GENRES = (
    "Action",
    "Adventure",
    "Animation",
    "Comedy",
    "Crime",
    "Documentary",
    "Drama",
    "Family",
    "Fantasy",
    "History",
    "Horror",
    "Music",
    "Mystery",
    "Romance",
    "Science Fiction",
    "Thriller",
    "War",
    "Western",
    "Reality",
    "Talk Show",
    "News",
    "Sports",
)
"""The canonical taxonomy (spec/ingestion §5.4); anything else a source says becomes a theme."""
