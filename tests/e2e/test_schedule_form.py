"""When a sync runs is set by days and times, in the zone of the books, and the next runs are seen at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Office

PageOf = Callable[[str | None], Page]
WEEKDAY = re.compile(r"^(Mon|Tue|Wed|Thu|Fri) \d+ \w+ 07:00$")
SYNC = "/syncs/users-to-contacts"


@pytest.fixture
def form(page_of: PageOf) -> Page:
    page = page_of("editor")
    page.goto(f"{SYNC}?tab=mapping")
    return page


def choose(page: Page, way: str) -> None:
    page.get_by_role("combobox", name="It runs").click()
    page.get_by_role("option", name=way).click()


def test_weekdays_at_seven_are_said_without_cron(form: Page, office: Office) -> None:
    choose(form, "On days, at times")
    for day in ("Saturday", "Sunday"):
        form.get_by_role("checkbox", name=day).uncheck()
    form.get_by_label("Time", exact=True).fill("07:00")
    runs = form.get_by_role("region", name="Next runs").locator("time")
    expect(runs).to_have_text([WEEKDAY] * 5)
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_text(re.compile("^Saved"))).to_be_visible()
    said = office.admin.get("/files/syncs/users-to-contacts").json()["values"]["schedule"]
    assert said == {
        "at": ["07:00"],
        "days": ["mon", "tue", "wed", "thu", "fri"],
        "timezone": "Pacific/Auckland",
    }


def test_the_zone_is_found_by_its_city_and_stays(form: Page) -> None:
    choose(form, "On days, at times")
    zone = form.get_by_role("combobox", name="Time zone")
    expect(zone).to_have_value("Pacific/Auckland")
    zone.fill("new york")
    form.get_by_role("option", name="America/New York").click()
    choose(form, "Every so often")
    choose(form, "By a cron expression")
    expect(zone).to_have_value("America/New York")
    form.get_by_role("button", name="Undo all").click()


def test_what_was_wrong_with_another_kind_of_schedule_is_gone_with_it(form: Page) -> None:
    choose(form, "Every so often")
    form.get_by_label("Interval").fill("soon")
    form.get_by_role("button", name="Save").click()
    expect(form.get_by_role("alert")).to_contain_text("Schedule, Every: ")
    choose(form, "On days, at times")
    expect(form.get_by_role("alert")).to_have_count(0)
    form.get_by_role("button", name="Undo all").click()


def test_next_runs_are_in_the_zone_of_the_schedule(page_of: PageOf, office: Office) -> None:
    schedule = {"at": ["07:00"], "days": ["mon"], "timezone": "Pacific/Auckland"}
    path = "/files/syncs/users-to-contacts"
    before = office.admin.get(path)
    values = before.json()["values"]
    saved = office.admin.put(
        path, json={"values": values | {"schedule": schedule}}, headers={"If-Match": before.headers["etag"]}
    )
    saved.raise_for_status()
    page = page_of("viewer")
    page.goto(SYNC)
    runs = page.get_by_role("region", name="Next runs")
    expect(runs.locator("time")).to_have_text([re.compile(r"^Mon \d+ \w+ 07:00$")] * 5)
    # The browser of the test is in UTC: there it is the evening before.
    expect(runs.get_by_text("where you are").first).to_contain_text("Sun ")


def test_a_schedule_that_never_comes_due_says_so(form: Page, office: Office) -> None:
    books = office.admin.get("/files/destinations/xero-demo")
    shut = books.json()["values"] | {"blackouts": [{"cron": "0 0 * * *", "hours": 24}]}
    etag = {"If-Match": books.headers["etag"]}
    office.admin.put("/files/destinations/xero-demo", json={"values": shut}, headers=etag).raise_for_status()
    try:
        choose(form, "Every so often")
        expect(
            form.get_by_text("No run is to come: whenever the sync is due, the books are closed.")
        ).to_be_visible()
        form.get_by_role("button", name="Save").click()
        expect(form.get_by_text(re.compile("^Saved"))).to_be_visible()
        form.goto(SYNC)
        expect(form.get_by_text("The sync never runs by itself")).to_be_visible()
    finally:
        closed = office.admin.get("/files/destinations/xero-demo")
        etag = {"If-Match": closed.headers["etag"]}
        opened = {"values": books.json()["values"]}
        office.admin.put("/files/destinations/xero-demo", json=opened, headers=etag).raise_for_status()
