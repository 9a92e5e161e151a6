"""/api/v1/content/{id}/images and /api/v1/images: pictures of titles under addresses that stay."""

import asyncio
from dataclasses import replace
from functools import cache

from shared.adapters import connect, probes
from shared.adapters.egress import Egress
from shared.adapters.picture_copies import CopyFolder, fetcher
from shared.adapters.pictures import scaled_webp
from shared.adapters.sql.originals import SqlOriginals
from shared.catalog.hosting import PictureDesk, WhichCopy, WhichPicture
from shared.runtime import http
from shared.runtime.viewer import authorize
from shared.search.viewers import kept_for, sight

egress = Egress()
SOON_SECONDS = 300
FOREVER = {"cache-control": "public, max-age=31536000, immutable"}


@cache
def desk() -> PictureDesk:
    """Return what gives titles their pictures."""
    folder = CopyFolder(connect.addresses().artifacts_dir)
    return PictureDesk(SqlOriginals(), folder, fetcher(egress, asyncio.run), scaled_webp)


@http.describes(query=WhichPicture, status=302, media_type="", refusals=(404,))
def find_picture(request: http.Request) -> http.Reply:
    """Lead to the picture of a title, copied from its provider where nobody asked before."""
    seen = replace(desk(), originals=SqlOriginals(sight(request.principal)))
    shown_at = seen.find(request.query(WhichPicture))
    kept = {"cache-control": kept_for(request.principal, SOON_SECONDS)}
    return http.Reply(status=302, headers={**kept, "location": shown_at}, media_type="")


@http.describes(query=WhichCopy, media_type="image/webp", refusals=(404,))
def show_picture(request: http.Request) -> http.Reply:
    """Answer with a picture; another one has another name."""
    content = desk().read(request.query(WhichCopy))
    return http.Reply(content, headers=FOREVER, media_type="image/webp")


handle = http.resource(
    __file__, find_picture, show_picture, authorize=authorize, probes=[probes.database]
)
