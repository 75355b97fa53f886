"""The live debugger under ten thousand calls: a window of them in the page, filters, the newest, one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert

from bookward.app import App
from bookward.records import ApiCall
from bookward.store import tables
from bookward.store.runs import RunState
from tests.e2e.conftest import Office

PageOf = Callable[[str | None], Page]

MANY = 10_000
WINDOW = (
    60  # of rows in the page at most, whatever there is: 560 pixels hold 16, and some stand ready around them
)
RUN = "many-calls"
CALL = ApiCall(
    run=RUN,
    destination="xero-demo",
    at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    purpose="write",
    method="POST",
    url="https://api.xero.com/api.xro/2.0/Contacts",
    status=200,
    duration_ms=412.5,
    request_headers={"content-type": "application/json"},
    request_body=b'{"Contacts": [{"Name": "Acme"}]}',
    response_headers={"content-type": "application/json"},
    response_body=b'{"Contacts": [{"Name": "Acme", "Balance": 57.00}]}',
    error=None,
    rows=10,
)


@pytest.fixture
def app(office: Office) -> Iterator[App]:
    """The project beside its server, with a run at work that has made very many calls."""
    with closing(office.app()) as app:
        store = app._wiring.store
        store.runs.begin(RUN, RUN, app.clock.now(), "{}")
        store.calls.record(CALL)
        with store.database.writing() as connection:
            (line,) = connection.execute(tables.calls.select().where(tables.calls.c.run == RUN)).mappings()
            more = {name: value for name, value in line.items() if name != "id"}
            lines = [more | {"url": f"{CALL.url}?page={number}"} for number in range(2, MANY + 1)]
            connection.execute(insert(tables.calls), lines)
        yield app
        store.runs.end(RUN, RunState.DONE, app.clock.now(), {"calls": MANY})


def record(app: App, path: str, status: int = 200) -> None:
    app._wiring.store.calls.record(replace(CALL, url=f"{CALL.url}/{path}", status=status))


def test_ten_thousand_calls_as_they_happen(page_of: PageOf, app: App) -> None:
    page = page_of("editor")
    page.goto(f"/runs/{RUN}?tab=calls")
    calls = page.get_by_role("listbox", name="API calls")
    rows = calls.get_by_role("option")
    expect(page.get_by_text(f"{MANY:,} of {MANY:,}")).to_be_visible()
    expect(rows.filter(has_text=f"page={MANY}")).to_be_in_viewport()
    assert 0 < rows.count() < WINDOW

    record(app, "newest", status=429)
    expect(page.get_by_text(f"{MANY + 1:,} of {MANY + 1:,}")).to_be_visible()
    expect(rows.filter(has_text="newest")).to_be_in_viewport()  # the list follows by itself

    calls.focus()
    page.keyboard.press("Home")
    expect(rows.first).to_be_in_viewport()
    expect(rows.filter(has_text="page=3")).to_have_count(1)
    expect(rows.filter(has_text="newest")).to_have_count(0)
    record(app, "while-somebody-reads")
    expect(page.get_by_text(f"{MANY + 2:,} of {MANY + 2:,}")).to_be_visible()
    expect(rows.filter(has_text="while-somebody-reads")).to_have_count(
        0
    )  # it leaves who looks at others there
    assert 0 < rows.count() < WINDOW

    page.get_by_label("Filter the calls").fill("page=777")
    expect(page.get_by_text(f"11 of {MANY + 2:,}")).to_be_visible()  # 777, and 7770 to 7779
    expect(rows).to_have_count(11)
    page.get_by_label("Filter the calls").fill("")
    page.get_by_role("combobox", name="Outcome").click()
    page.get_by_role("option", name="Not answered well").click()
    expect(rows).to_have_count(1)
    rows.filter(has_text="newest").click()
    call = page.get_by_role("dialog")
    expect(call).to_contain_text("/api.xro/2.0/Contacts/newest")
    call.get_by_role("button", name="Unfold").click()
    expect(call).to_contain_text('"Balance": 57.00')
    page.keyboard.press("Escape")
    expect(call).to_have_count(0)
