"""Rows that were not synced, by reason: how many, what to do, where, and just those rows."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import QUERY, done, sell, selling, write

PageOf = Callable[[str | None], Page]


def test_refused_rows_are_told_by_reason_and_filtered(page_of: PageOf, office: Office) -> None:
    with selling(office, "refusing", good=2, most=7):
        run, page = done(office, "runs", "refusing"), page_of("editor")
        page.goto(f"/runs/{run}")
        reasons = page.get_by_role("region", name="5 rows not synced, for 1 reason")
        expect(reasons).to_contain_text("5 rows: There is no account with Code '999' in Xero.")
        expect(page.get_by_role("row", name="R-1")).to_be_visible()
        page.get_by_role("combobox", name="Outcome").click()
        page.get_by_role("option", name="rejected").click()
        page.get_by_label("Search the rows").fill("R-1")
        expect(page.get_by_text("No such row. A filter is on: rejected.")).to_be_visible()
        page.get_by_role("button", name="Clear the filter").click()
        expect(page.get_by_role("row", name="R-1")).to_be_visible()
        page.get_by_label("Search the rows").fill("")
        reasons.get_by_role("button", name="Show these").click()
        expect(page.get_by_role("row", name="R-7")).to_be_visible()
        expect(page.get_by_role("row", name="R-1")).to_have_count(0)
        reasons.get_by_role("button", name="Show all").click()
        expect(page.get_by_role("row", name="R-1")).to_be_visible()
        reasons.get_by_role("link", name="Model refusing").click()
        expect(page.get_by_role("heading", name="refusing", level=1)).to_be_visible()
        assert page.url.endswith("/models/refusing")

        page.goto(f"/syncs/refusing/plans/{done(office, 'plans', 'refusing')}")
        reasons = page.get_by_role("region", name="5 rows not synced, for 1 reason")
        reasons.get_by_role("button", name="Show these").click()
        expect(page.get_by_role("row", name="R-7")).to_be_visible()

        page.goto("/syncs/refusing")
        page.get_by_role("link", name="5 rows rejected").click()
        expect(page.get_by_role("row", name="R-7")).to_contain_text("by the next run")
        expect(page.get_by_role("row", name="R-1")).to_have_count(0)

        values = office.admin.get("/files/syncs/refusing").json()["values"]
        write(office, "syncs", "refusing", values | {"guards": {"max_changes": 1}})
        sell(office, "refusing", price="5.00", good=7, most=7)
        page.goto(f"/runs/{done(office, 'runs', 'refusing')}")
        waits = page.get_by_role("status").filter(has_text="is parked")
        expect(waits).to_contain_text("Look at the plan that waits, and approve it there")
        expect(waits).not_to_contain_text("`bookward")


def test_after_a_run_in_part_the_rows_left_are_what_one_should_see(page_of: PageOf, office: Office) -> None:
    with selling(office, "partly", good=1, most=3):
        run, page = done(office, "runs", "partly"), page_of("editor")
        page.goto("/syncs/partly")
        plain, filled = (page.locator(f"[data-variant={variant}]") for variant in ("default", "filled"))
        expect(plain.get_by_text("Run", exact=True)).to_be_visible()
        expect(filled).to_have_count(1)
        filled.click()
        expect(page.get_by_role("region", name="2 rows not synced, for 1 reason")).to_be_visible()
        assert page.url.endswith(f"/runs/{run}")
        sell(office, "partly", good=3, most=3)
        done(office, "runs", "partly")
        page.goto("/syncs/partly")
        expect(filled.get_by_text("Run", exact=True)).to_be_visible()


def test_a_wrong_column_leads_to_the_query(page_of: PageOf, office: Office) -> None:
    with selling(office, "misspelt"):
        values = office.admin.get("/files/models/misspelt").json()["values"]
        write(
            office,
            "models",
            "misspelt",
            values | {"sql": QUERY.format(prefix="M", price="prize", good=1, most=2)},
        )
        run, page = done(office, "runs", "misspelt"), page_of("editor")
        page.goto(f"/runs/{run}")
        failed = page.get_by_role("status").filter(has_text="prize")
        expect(failed).to_contain_text("Put right what the message says in the model's query")
        expect(failed).not_to_contain_text("Preview")
        failed.get_by_role("link", name="Query of model misspelt").click()
        expect(page.get_by_role("textbox", name="Query")).to_contain_text("prize")
