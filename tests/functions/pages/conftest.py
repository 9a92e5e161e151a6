"""One Chromium for a file, and our pages for each test."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.functions.pages.site import Site, done, serving_pages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.fakes.accounts_house import AccountsHouse

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # tests may run as root, in a container that is a sandbox itself
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser without a screen."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"needs one of {', '.join(NAMES)} on the path")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def site(accounts: AccountsHouse, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Our pages, with one member."""
    done(accounts.member())
    with serving_pages(monkeypatch, accounts) as made:
        yield made
        assert made.failed == []


@pytest.fixture
def phone(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page on a telephone, without scripts: our pages need none."""
    yield from _page(chromium, site, 390, 844, scripts=False)


@pytest.fixture
def television(chromium: Browser, site: Site) -> Iterator[Page]:
    """A page on a television."""
    yield from _page(chromium, site, 1920, 1080)


def _page(
    chromium: Browser, site: Site, width: int, height: int, *, scripts: bool = True
) -> Iterator[Page]:
    size = {"width": width, "height": height}
    context = chromium.new_context(viewport=size, java_script_enabled=scripts)  # type: ignore[arg-type]
    context.set_default_timeout(20_000)
    page = context.new_page()
    site.watch(page)
    yield page
    context.close()
