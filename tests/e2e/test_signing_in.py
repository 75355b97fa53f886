from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.conftest import PASSWORD, Office
from tests.integration.web.test_process import secret_of

PageOf = Callable[[str | None], Page]


def test_a_deep_link_survives_the_sign_in(page_of: PageOf) -> None:
    page = page_of(None)
    page.goto("/runs?state=failed")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_role("textbox", name="Password").fill("wrong words entirely")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("password")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Runs")).to_be_visible()
    assert page.url.endswith("/runs?state=failed")


def test_an_invited_person_joins_and_signs_out(page_of: PageOf, office: Office) -> None:
    said = {"email": "noa@example.com", "role": "approver"}
    link = office.admin.post("/invitations", json=said).json()["url"]
    page = page_of(None)
    page.goto(link)
    expect(page.get_by_text("invited as approver")).to_be_visible()
    assert page.get_by_label("E-mail").input_value() == "noa@example.com"
    page.get_by_label("Your name").fill("Noa Berg")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    page.get_by_role("button", name="Account of Noa Berg").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto("/syncs")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_link_works_once(page_of: PageOf, office: Office) -> None:
    link = office.admin.post("/invitations", json={"email": "kim@example.com", "role": "viewer"}).json()[
        "url"
    ]
    joined = {"secret": secret_of(link), "name": "Kim", "password": PASSWORD}
    office.admin.post("/join", json=joined).raise_for_status()
    page = page_of(None)
    page.goto(link)
    expect(page.get_by_role("heading", name="This link cannot be used")).to_be_visible()
    expect(page.get_by_role("alert")).to_be_visible()


def test_nobody_is_led_away_after_signing_in(page_of: PageOf) -> None:
    page = page_of(None)
    page.goto("/sign-in?to=//evil.example/")
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_role("textbox", name="Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
