"""An uncertain row is settled in the app: with what Xero has, by who may, after being asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import Page, expect
from sqlalchemy import update

from bookward.store.tables import rows
from tests.e2e.conftest import Office
from tests.e2e.invoicing import done, selling

PageOf = Callable[[str | None], Page]


def doubt(office: Office, sync: str, key: str) -> str:
    """Let nobody know whether a row was booked, as after an answer that was lost; return its record."""
    (row,) = [each for each in office.admin.get(f"/syncs/{sync}/rows").json()["items"] if each["key"] == key]
    lost = {
        "state": "uncertain",
        "code": "booking_uncertain",
        "message": "The answer was lost.",
        "remote_id": None,
    }
    with closing(office.app()) as app, app._wiring.store.database.writing() as connection:
        mine = update(rows).where(rows.c.sync == sync, rows.c.key == key)
        connection.execute(mine.values(**lost, candidates=[row["remote_id"]]))
    return str(row["remote_id"])


def test_a_row_is_said_to_be_booked_as_a_record(page_of: PageOf, office: Office) -> None:
    with selling(office, "unsure", price="5.00"):
        done(office, "runs", "unsure")
        record = doubt(office, "unsure", "U-2")
        page = page_of("editor")
        page.goto("/syncs/unsure?tab=rows")
        waiting = page.get_by_role("region", name="1 row to be settled")
        expect(waiting).to_contain_text("an approver does")
        waiting.get_by_role("button", name="Show what Xero has now").click()
        expect(waiting).to_contain_text("U-2")
        expect(waiting.get_by_role("button", name="This is its record")).to_have_count(0)

        page = page_of("approver")
        page.goto("/syncs/unsure?tab=rows")
        waiting = page.get_by_role("region", name="1 row to be settled")
        waiting.get_by_role("button", name="Show what Xero has now").click()
        expect(waiting).to_contain_text("invoice 'U-2'")
        waiting.get_by_role("button", name="This is its record").click()
        question = page.get_by_role("dialog")
        expect(question).to_contain_text("Nothing is sent for that.")
        question.get_by_role("button", name="It is booked").click()
        expect(waiting).to_have_count(0)
        (row,) = [r for r in office.admin.get("/syncs/unsure/rows").json()["items"] if r["key"] == "U-2"]
        assert (row["state"], row["remote_id"]) == ("adopted", record)
