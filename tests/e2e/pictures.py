"""Pictures of every page, in both colour schemes and on a phone; and the README's four. `make pictures`.

No test: its name keeps it out of the others. A person looks at what it leaves in build/pictures.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bookward.demo.company import change_users
from tests.e2e.conftest import Office
from tests.e2e.test_everybody import PAGES

PageOf = Callable[[str | None], Page]

ROOT = Path(__file__).parents[2]
README = ROOT / "docs" / "pictures"
ALL = ROOT / "build" / "pictures"
SYNC = "users-to-contacts"
SCHEMES = ("light", "dark")
_RUN = 120_000  # ms, for a thousand users beside whatever else the machine does


@pytest.mark.timeout(1_200)
def test_pictures(page_of: PageOf, office: Office) -> None:
    page = page_of("admin")
    _run(page)
    page.goto("/")
    _picture(page, README / "overview.png")
    page.goto(f"/syncs/{SYNC}?tab=mapping")
    expect(page.get_by_text('"ContactNumber"')).to_be_visible()
    _picture(page, README / "mapping.png")
    change_users(office.root)
    page.goto(f"/syncs/{SYNC}")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("heading", name=f"Plan of {SYNC}")).to_be_visible()
    expect(page.get_by_text("Addresses.City").first).to_be_visible()
    _picture(page, README / "plan.png")
    page.get_by_role("button", name="Run this plan").click()
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("row", name="Done").nth(1)).to_be_visible(timeout=_RUN)
    page.get_by_role("row", name="Done").first.click()
    page.get_by_role("tab", name="API calls").click()
    page.get_by_role("option").filter(has_text="POST").first.click()
    expect(page.get_by_role("dialog")).to_contain_text('"Contacts"')
    _picture(page, README / "calls.png")
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for width, where in ((1280, "desk"), (375, "phone")):
            page.set_viewport_size({"width": width, "height": 860})
            for path in PAGES:
                page.goto(path)
                expect(page.get_by_role("heading", level=1)).to_be_visible()
                name = path.strip("/").replace("/", "-").replace("?tab=", "-") or "overview"
                _picture(page, ALL / f"{name}-{where}-{scheme}.png", whole=True)


def _run(page: Page) -> None:
    page.goto(f"/syncs/{SYNC}")
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    expect(page.get_by_role("row", name="Done")).to_be_visible(timeout=_RUN)


def _picture(page: Page, file: Path, *, whole: bool = False) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=os.fspath(file), full_page=whole, animations="disabled")
