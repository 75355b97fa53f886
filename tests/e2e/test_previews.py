"""The first rows of a model and of a sync, with the digits that the source has."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import selling
from tests.e2e.test_editing import typed

PageOf = Callable[[str | None], Page]

NUMBERS = "SELECT 'A' AS number, CAST(57 AS DECIMAL(9,2)) AS amount, 9007199254740993 AS big"


def test_numbers_keep_their_digits_and_stand_one_above_the_other(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/models/new")
    typed(page, "Query", NUMBERS)
    page.get_by_role("button", name="Preview").click()
    amount = page.get_by_role("cell", name="57.00", exact=True)
    expect(amount).to_have_css("text-align", "right")
    expect(amount).to_have_css("font-variant-numeric", "tabular-nums")
    expect(page.get_by_role("columnheader", name="amount")).to_have_css("text-align", "right")
    expect(page.get_by_role("cell", name="9007199254740993", exact=True)).to_be_visible()
    expect(page.get_by_role("cell", name="A", exact=True)).not_to_have_css("text-align", "right")


def test_what_would_be_sent_keeps_its_digits(page_of: PageOf, office: Office) -> None:
    with selling(office, "digits", price="CAST(57 AS DECIMAL(9,2))"):
        page = page_of("editor")
        page.goto("/syncs/digits?tab=mapping")
        sent = page.get_by_role("region", name="What is sent")
        expect(sent).to_contain_text('"UnitAmount": 57.00')
