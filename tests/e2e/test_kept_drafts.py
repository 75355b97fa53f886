"""What somebody is writing is lost to nothing that happens meanwhile: a server away, a save, a sign-out."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Office
from tests.e2e.invoicing import delete, write

PageOf = Callable[[str | None], Page]

SLUG = "in-writing"
MODEL = {"source": "warehouse", "primary_key": "id", "sql": "SELECT * FROM users"}
SYNC = {
    "model": SLUG,
    "destination": "xero-demo",
    "object": "contacts",
    "match": {"ContactNumber": "id"},
    "fields": {"Name": "name"},
}


@pytest.fixture
def writing(office: Office) -> Iterator[None]:
    write(office, "models", SLUG, MODEL)
    write(office, "syncs", SLUG, SYNC)
    yield
    delete(office, "syncs", SLUG)
    delete(office, "models", SLUG)


def guard(page: Page, most: str) -> None:
    page.get_by_label("Most changes").fill(most)


@pytest.mark.usefixtures("writing")
def test_a_server_that_is_away_takes_nothing_from_a_form(page_of: PageOf) -> None:
    page = page_of("editor")
    page.clock.install()
    page.goto(f"/syncs/{SLUG}?tab=mapping")
    guard(page, "17")
    away = re.compile(rf"/api/v1/files/syncs/{SLUG}$")
    page.route(away, lambda route: route.fulfill(status=502, body="{}"))
    page.clock.fast_forward("10:00")
    page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
    for _ in range(3):
        page.clock.fast_forward("00:10")  # to the next try
    expect(page.get_by_role("alert").first).to_be_visible()
    expect(page.get_by_label("Most changes")).to_have_value("17")
    page.unroute(away)


@pytest.mark.usefixtures("writing")
def test_what_is_written_during_a_save_stays(page_of: PageOf, office: Office) -> None:
    page, saved = page_of("editor"), threading.Event()
    page.goto(f"/syncs/{SLUG}?tab=mapping")
    guard(page, "17")

    def slowly(route: Route) -> None:
        if route.request.method == "PUT":
            guard(page, "16")
            saved.set()
        route.continue_()

    page.route(re.compile(rf"/api/v1/files/syncs/{SLUG}$"), slowly)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(re.compile("^Saved"))).to_be_visible()
    assert saved.is_set()
    expect(page.get_by_label("Most changes")).to_have_value("16")
    assert office.admin.get(f"/files/syncs/{SLUG}").json()["values"]["guards"] == {"max_changes": 17}
    with page.expect_response(lambda response: response.request.method == "PUT") as answer:
        page.get_by_role("button", name="Save").click()
    assert answer.value.ok
    assert office.admin.get(f"/files/syncs/{SLUG}").json()["values"]["guards"] == {"max_changes": 16}


@pytest.mark.usefixtures("writing")
def test_a_plan_that_cannot_be_made_says_why(page_of: PageOf, office: Office) -> None:
    write(office, "models", SLUG, MODEL | {"sql": "SELECT * FROM nowhere"})
    page = page_of("editor")
    page.goto(f"/syncs/{SLUG}")
    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="nowhere")).to_be_visible()
    expect(page).to_have_url(re.compile(rf"/syncs/{SLUG}$"))


@pytest.mark.usefixtures("writing")
def test_whoever_signs_out_is_asked_first(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto(f"/syncs/{SLUG}?tab=mapping")
    guard(page, "17")
    page.get_by_role("button", name="Account of Editor").click()
    page.once("dialog", lambda asked: asked.dismiss())
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Most changes")).to_have_value("17")
    page.get_by_role("button", name="Account of Editor").click()
    page.once("dialog", lambda asked: asked.accept())
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_new_source_is_not_left_without_a_question(page_of: PageOf) -> None:
    page = page_of("editor")
    page.goto("/sources/new")
    page.get_by_role("radio", name="PostgreSQL").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Host", exact=True).fill("db.example.com")
    page.once("dialog", lambda asked: asked.dismiss())
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("textbox", name="Host", exact=True)).to_have_value("db.example.com")
