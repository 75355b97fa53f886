"""Every page by keyboard, on a phone, in both colour schemes, and what axe finds there."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

PageOf = Callable[[str | None], Page]

PAGES = [
    "/",
    "/syncs",
    "/syncs/users-to-contacts",
    "/syncs/users-to-contacts?tab=mapping",
    "/syncs/users-to-contacts?tab=file",
    "/syncs/users-to-contacts?tab=rows",
    "/syncs/new",
    "/models",
    "/models/new",
    "/models/users",
    "/sources/new",
    "/sources/warehouse",
    "/sources/warehouse?tab=file",
    "/destinations",
    "/destinations/new",
    "/destinations/xero-demo",
    "/alerts",
    "/alerts?tab=recipients",
    "/alerts/new",
    "/runs",
    "/settings",
    "/settings?tab=tokens",
    "/settings?tab=secrets",
    "/settings?tab=project",
    "/settings?tab=people",
    "/settings?tab=audit",
]


RULES = {"light": {}, "dark": {"runOnly": ["color-contrast"]}}  # nothing else differs between the two


@pytest.mark.parametrize("scheme", RULES)
def test_axe_finds_nothing_serious(page_of: PageOf, scheme: str) -> None:
    page, axe, found = page_of("admin"), Axe(), list[str]()
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    for path in PAGES:
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.wait_for_load_state("networkidle")
        for one in axe.run(page, options=RULES[scheme]).response["violations"]:
            if one["impact"] in {"serious", "critical"}:
                found += [f"{path}: {one['id']}: {node['html'][:160]}" for node in one["nodes"]]
    assert found == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_wider_than_a_phone(page_of: PageOf, path: str) -> None:
    page = page_of("admin")
    page.set_viewport_size({"width": 375, "height": 720})
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_palette_leads_anywhere_by_keyboard(page_of: PageOf) -> None:
    page = page_of("viewer")
    page.goto("/")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.keyboard.press("Control+K")
    page.get_by_role("textbox", name="Go to").fill("users-to")
    expect(page.get_by_role("button", name="users-to-contacts").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="users-to-contacts")).to_be_visible()
