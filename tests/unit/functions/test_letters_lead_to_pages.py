"""Every letter leads to a page that is served."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from functions.manifest import read_all
from shared.identity.mail import Letter, write
from tests.unit.identity.test_letters import NORA

PAGES = {
    route.path
    for manifest in read_all().values()
    for route in manifest.http
    if route.page and route.method == "GET"
}
ISSUER = "https://api.example.com"


@pytest.mark.parametrize("letter", list(Letter))
def test_a_letter_leads_to_a_page_of_ours(letter: Letter) -> None:
    token = "t" * 43 if letter.purpose else ""
    found = write(letter, NORA, UUID(int=7), token=token, pages=f"{ISSUER}/account")
    (link,) = re.findall(r"^https://\S+$", found.text, re.MULTILINE)
    assert link.removeprefix(ISSUER).partition("#")[0] in PAGES
