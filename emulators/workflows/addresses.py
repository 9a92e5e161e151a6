"""Where Google's services answer locally."""

import re
from collections.abc import Mapping

# The functions host goes by both names.
ALIASES = {"cloud_run": ("cloud_run", "functions"), "functions": ("functions", "cloud_run")}
# Host name of an API, region before it or not → emulator, and the path it serves the API under.
HOSTS = {
    "pubsub": ("pubsub", ""),
    "secretmanager": ("secret_manager", ""),
    "workflows": ("workflows", ""),
    "workflowexecutions": ("workflows", ""),
    "cloudscheduler": ("scheduler", ""),
    "aiplatform": ("vertex", ""),
    "run": ("cloud_run", "/apis/run.googleapis.com"),
}
GOOGLE = re.compile(r"https://(?:[a-z0-9]+-[a-z]+[0-9]+-)?([a-z]+)\.googleapis\.com(?=[/?]|$)")
LOCAL = re.compile(r"https?://(127\.0\.0\.1|localhost|\[::1\])(?=[:/?]|$)")


def address_of(service: str, addresses: Mapping[str, str]) -> str | None:
    """Return the address of an emulator, or None when it does not run."""
    names = ALIASES.get(service, (service,))
    return next((addresses[name] for name in names if name in addresses), None)


def localized(url: str, addresses: Mapping[str, str]) -> str:
    """Return a URL of a Google API as its emulator serves it; any other is returned as it is."""
    match = GOOGLE.match(url)
    if match is None or match[1] not in HOSTS:
        return url
    service, prefix = HOSTS[match[1]]
    address = address_of(service, addresses)
    return url if address is None else f"http://{address}{prefix}{url[match.end() :]}"


def is_local(url: str) -> bool:
    """Tell whether a URL stays on this machine, where our tokens may go."""
    return LOCAL.match(url) is not None
