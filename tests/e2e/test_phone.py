"""On a phone the name and how it stands are seen without scrolling sideways."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import done, sell, selling
from tests.e2e.test_editing import typed

PageOf = Callable[[str | None], Page]


def in_sight(cell: Locator, width: int = 375) -> None:
    expect(cell).to_be_visible()
    box = cell.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width


def test_names_and_states_are_seen_on_a_phone(page_of: PageOf, office: Office) -> None:
    with selling(office, "phoning", good=1, most=2):
        run, plan = done(office, "runs", "phoning"), done(office, "plans", "phoning")
        page = page_of("editor")
        page.set_viewport_size({"width": 375, "height": 760})
        page.goto("/syncs")
        row = page.get_by_role("row", name="phoning")
        in_sight(row.get_by_role("link", name="phoning"))
        in_sight(row.get_by_text("Needs attention"))
        page.goto("/runs")
        in_sight(page.get_by_role("row", name="phoning").first.get_by_text("Done in part"))
        page.goto(f"/runs/{run}")
        row = page.get_by_role("row", name="P-2")
        in_sight(row.get_by_text("rejected", exact=True))
        in_sight(row.get_by_role("cell").last)
        page.goto("/syncs/phoning?tab=rows")
        in_sight(page.get_by_role("row", name="P-1").get_by_text("accepted"))
        page.goto(f"/syncs/phoning/plans/{plan}")
        in_sight(page.get_by_role("row", name="P-2").get_by_text("reject", exact=True))
        sell(office, "phoning", price="5.00", good=1, most=2)
        page.goto(f"/syncs/phoning/plans/{done(office, 'plans', 'phoning')}")
        in_sight(page.get_by_role("row", name="P-1").get_by_text("10.00 NZD"))


def test_calls_say_what_was_asked_for_on_a_phone(page_of: PageOf, office: Office) -> None:
    with selling(office, "calling", good=1, most=1):
        run, page = done(office, "runs", "calling"), page_of("editor")
        page.set_viewport_size({"width": 375, "height": 760})
        page.goto(f"/runs/{run}?tab=calls")
        call = page.get_by_role("option").filter(has_text="PUT")
        in_sight(call.get_by_text("/api.xro/2.0/Invoices"))
        in_sight(call.get_by_text("200"))
        path = call.get_by_text("/api.xro/2.0/Invoices")
        assert path.evaluate("it => it.clientWidth") >= 140


def test_people_and_tokens_are_managed_on_a_phone(page_of: PageOf, office: Office) -> None:
    made = office.admin.post("/tokens", json={"name": "nightly run", "role": "editor"}).raise_for_status()
    page = page_of("admin")
    page.set_viewport_size({"width": 390, "height": 760})
    page.goto("/settings?tab=people")
    row = page.get_by_role("row", name="viewer@example.com")
    in_sight(row.get_by_text("viewer@example.com"), 390)
    in_sight(row.get_by_role("combobox", name="Role of Viewer"), 390)
    in_sight(row.get_by_role("button", name="New password"), 390)
    in_sight(row.get_by_role("button", name="Disable"), 390)
    page.goto("/settings?tab=tokens")
    row = page.get_by_role("row", name="nightly run")
    in_sight(row.get_by_role("button", name="Revoke"), 390)
    in_sight(row.get_by_text("Ends"), 390)
    for panel in page.locator(".scroll-x").all():
        assert panel.evaluate("it => it.scrollWidth <= it.clientWidth")
    office.admin.delete(f"/tokens/{made.json()['id']}").raise_for_status()


def test_a_table_is_completed_without_its_schema(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    with page.expect_response("**/api/v1/sources/warehouse/tables"):
        page.get_by_role("textbox", name="Query").click()
    typed(page, "Query", "SELECT * FROM ")
    page.keyboard.type("invoi", delay=40)
    expect(page.get_by_role("option", name="invoices", exact=True)).to_be_visible()
