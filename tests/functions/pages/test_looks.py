"""How our pages look and read, from the smallest telephone to a television, by day and by night."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.authorize_house import NOTES
from tests.fakes.factors_house import FactorsHouse
from tests.functions.pages.site import done
from tests.functions.pages.test_walks import enrolled, sign_in, started

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.functions.pages.site import Site

LOOK = Path(__file__).with_name("look.js").read_text(encoding="utf-8")
SIZES = ((320, 568), (768, 1024), (1920, 1080))


def wrong(page: Page) -> list[str]:
    """Return what is wrong with a page, at every size, by day and by night."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            found += [f"{scheme} {width}: {said}" for said in page.evaluate(LOOK)]
    return found


def test_pages_before_the_sign_in_can_be_read_by_everybody(television: Page, site: Site) -> None:
    found = []
    for path in ("/auth/sign-in", "/auth/sign-in/passkey", "/auth/sign-in?request=gone"):
        television.goto(f"{site.origin}{path}")
        found += wrong(television)
    television.goto(f"{site.origin}/auth/sign-in")
    sign_in(television, "four heavy ladders")
    television.wait_for_selector("#problem")
    assert found + wrong(television) == []


def test_pages_behind_the_sign_in_can_be_read_by_everybody(television: Page, site: Site) -> None:
    code = done(started())
    television.goto(site.asking(NOTES.client_id))
    sign_in(television)
    television.wait_for_url("**/auth/consent*")
    found = wrong(television)
    for path in ("/auth/device/enter", f"/auth/device/enter?user_code={code}", "/account/security"):
        television.goto(f"{site.origin}{path}")
        found += wrong(television)
    assert found == []


def test_the_second_step_can_be_read_by_everybody(television: Page, site: Site) -> None:
    done(enrolled(FactorsHouse(site.house.accounts)))
    television.goto(f"{site.origin}/auth/sign-in")
    sign_in(television)
    television.wait_for_url("**/auth/sign-in/factor*")
    assert wrong(television) == []


@pytest.mark.parametrize(
    "rule", ["button.main { color: #3060c0 }", ".ways a { min-height: 0; padding: 0 }"]
)
def test_what_is_wrong_with_a_page_is_found(television: Page, site: Site, rule: str) -> None:
    television.goto(f"{site.origin}/auth/sign-in")
    assert wrong(television) == []
    sheet = "document.styleSheets[0]"
    television.evaluate(f"rule => {sheet}.insertRule(rule, {sheet}.cssRules.length)", rule)
    assert wrong(television) != []
