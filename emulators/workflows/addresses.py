"""Where Google's services answer locally."""

import re
from collections.abc import Mapping

from emulators.core.hosts import place_of

# The functions host goes by both names.
ALIASES = {"cloud_run": ("cloud_run", "functions"), "functions": ("functions", "cloud_run")}
HTTPS = re.compile(r"https://([^/?:@]+)(?=[/?]|$)")
LOCAL = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(?=[:/?]|$)")


def address_of(service: str, addresses: Mapping[str, str]) -> str | None:
    """Return the address of an emulator, or None when it does not run."""
    names = ALIASES.get(service, (service,))
    return next((addresses[name] for name in names if name in addresses), None)


def localized(url: str, addresses: Mapping[str, str]) -> str:
    """Return a URL of a Google API as its emulator serves it; any other is returned as it is."""
    match = HTTPS.match(url)
    place = place_of(match[1].lower()) if match else None
    address = address_of(place.service, addresses) if place else None
    if match is None or place is None or address is None:
        return url
    return f"http://{address}{place.prefix}{url[match.end() :]}"


def is_local(url: str) -> bool:
    """Tell whether a URL stays on this machine, where our tokens may go."""
    return LOCAL.match(url) is not None
