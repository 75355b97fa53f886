"""An alert is added, tried and named in a sync; what is not well is seen, silenced and heard of again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from bookward.spec.triggers import Trigger
from bookward.standings import Level, Subject, Verdict
from tests.e2e.conftest import Office
from tests.e2e.test_wizard import choose
from tests.integration.alerts.catcher import Catcher, Reply

SAVED = re.compile("^Saved")  # and not that what is planned is the saved file

PageOf = Callable[[str | None], Page]

SYNC = "users-to-contacts"
FILE = f"syncs/{SYNC}"


@pytest.fixture
def catcher() -> Iterator[Catcher]:
    with Catcher.running() as running:
        yield running


@pytest.fixture
def team(office: Office, catcher: Catcher) -> Iterator[str]:
    """Return an alert that leads to the catcher."""
    values = {"type": "webhook", "url": "${TEAM_URL}", "secret": "${TEAM_SECRET}"}
    secrets = {"TEAM_URL": catcher.url, "TEAM_SECRET": "a word to sign with"}
    said = {"slug": "team", "values": values, "secrets": secrets}
    office.admin.post("/files/alerts", json=said).raise_for_status()
    yield "team"
    _taken_away(office, "team")


def _taken_away(office: Office, slug: str) -> None:
    as_seen = {"If-Match": office.admin.get(f"/files/alerts/{slug}").headers["ETag"]}
    office.admin.delete(f"/files/alerts/{slug}", headers=as_seen).raise_for_status()


def _judged(office: Office, level: Level) -> None:
    said = f"It failed. {'The account 200 is not among those of the organisation. ' * 6}"
    said = said if level is not Level.OK else ""
    verdict = Verdict(subject=Subject("syncs", SYNC), trigger=Trigger.RUN_FAILED, level=level, said=said)
    with closing(office.app()) as app:
        app.alerts._judge(verdict)


def test_an_alert_is_chosen_named_and_tried(page_of: PageOf, office: Office, catcher: Catcher) -> None:
    page = page_of("editor")
    page.goto("/alerts")
    page.get_by_role("link", name="Add alert").click()
    page.get_by_role("radio", name="Webhook", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="URL").fill(catcher.url)
    page.get_by_role("textbox", name="Secret").fill("a word to sign with")
    page.get_by_role("button", name="More settings").click()
    choose(page, "Notify", "critical")
    choose(page, "Triggers", "run_failed")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("radio", name="Webhook", exact=True)).to_be_checked()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Name").fill("Finance Team")
    expect(page.get_by_role("radio", name="Everything in the project")).to_be_disabled()
    expect(page.get_by_role("button", name="Finish")).to_be_disabled()
    page.get_by_role("radio", name="Nothing yet").check()
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="finance-team")).to_be_visible()
    hearing = page.get_by_role("region", name="What it is told of")
    expect(hearing.get_by_role("alert")).to_contain_text("This alert is told of nothing yet")
    expect(hearing).to_contain_text(f"Links in its messages lead to {office.url}")
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_role("status")).to_contain_text("has arrived")
    (caught,) = catcher.caught
    assert caught.json()["type"] == "test"
    saved = office.admin.get("/files/alerts/finance-team").json()["values"]
    assert saved == {
        "type": "webhook",
        "notify": "critical",
        "triggers": ["run_failed"],
        "url": "${FINANCE_TEAM_URL}",
        "secret": "${FINANCE_TEAM_SECRET}",
        "title": "Finance Team",
    }
    page.get_by_role("button", name="Add quiet hours").click()
    page.get_by_label("From, quiet hours").fill("21:30")
    choose(page, "Days, quiet hours", "sat")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a digest").click()
    page.get_by_label("At, digest").fill("08:15")
    choose(page, "On, digest", "mon")
    page.keyboard.press("Escape")
    choose(page, "Of, digest", SYNC)
    page.keyboard.press("Escape")
    choose(page, "When nothing happened, digest", "Send nothing")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(SAVED)).to_be_visible()
    digest = office.admin.get("/files/alerts/finance-team").json()["values"]["digest"]
    asked = {"at": "08:15", "days": ["mon"], "syncs": [SYNC], "when_quiet": "skip"}
    assert digest == asked | {"timezone": digest["timezone"]}
    (quiet,) = office.admin.get("/files/alerts/finance-team").json()["values"]["quiet_hours"]
    assert quiet == {"begin": "21:30", "end": "07:00", "timezone": quiet["timezone"], "days": ["sat"]}
    catcher.answer = lambda _: Reply(404)
    page.get_by_role("button", name="Send a test message").click()
    expect(page.get_by_role("alert").filter(has_text="404")).to_be_visible()
    page.goto("/alerts?tab=recipients")
    expect(page.get_by_role("row").filter(has_text="finance-team")).to_contain_text("what is critical")
    _taken_away(office, "finance-team")


def test_a_new_alert_is_named_by_what_it_is_told_of_and_its_page_changes_that(
    page_of: PageOf, office: Office, catcher: Catcher
) -> None:
    files = [office.root / "project.yaml", office.root / f"{FILE}.yaml"]
    before = [path.read_text() for path in files]

    def named_by() -> list[str]:
        found = office.admin.get("/project").json()["items"]
        (about,) = (one["about"] for one in found if (one["kind"], one["slug"]) == ("alerts", "desk"))
        return [str(path) for path in about["named_by"]]

    try:
        page = page_of("editor")
        _hook_until_name(page, catcher)
        page.get_by_role("radio", name="These syncs and destinations").check()
        choose(page, "These syncs and destinations", SYNC)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Finish").click()
        told = page.get_by_role("region", name="What it is told of")
        expect(told.get_by_role("link", name=FILE)).to_be_visible()
        assert named_by() == [FILE]
        page = page_of("admin")
        page.goto("/alerts/desk")
        told = page.get_by_role("region", name="What it is told of")
        told.get_by_role("button", name="Change what it is told of").click()
        page.get_by_role("radio", name="Everything in the project").check()
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(told).to_contain_text("everything in the project")
        assert named_by() == ["project", FILE]
        page = page_of("editor")
        page.goto("/alerts/desk")
        expect(page.get_by_text("an admin changes them")).to_be_visible()
        page = page_of("admin")
        page.goto("/alerts/desk")
        page.get_by_role("button", name="Change what it is told of").click()
        page.get_by_role("radio", name="Nothing yet").check()
        page.get_by_role("dialog").get_by_role("button", name="Save").click()
        expect(page.get_by_text("This alert is told of nothing yet")).to_be_visible()
        assert named_by() == []
    finally:
        for path, text in zip(files, before, strict=True):
            path.write_text(text)
        _taken_away(office, "desk")


def _hook_until_name(page: Page, catcher: Catcher) -> None:
    page.goto("/alerts/new")
    page.get_by_role("radio", name="Webhook", exact=True).click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="URL").fill(catcher.url)
    page.get_by_role("textbox", name="Secret").fill("a word to sign with")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("textbox", name="Name").fill("Desk")


def test_a_sync_names_who_is_told_and_from_where_on(page_of: PageOf, office: Office, team: str) -> None:
    path = office.root / f"{FILE}.yaml"
    before = path.read_text()
    try:
        page = page_of("editor")
        page.goto(f"/syncs/{SYNC}?tab=mapping")
        choose(page, "Alerts", team)
        page.keyboard.press("Escape")
        page.get_by_text("Thresholds").click()
        choose(page, "rows rejected: when", "From here on")
        page.get_by_role("textbox", name="rows rejected: warning").fill("10")
        page.get_by_role("textbox", name="rows rejected: critical").fill("5%")
        choose(page, "slower: when", "From here on")
        page.get_by_role("textbox", name="slower: warning").fill("2.50")
        choose(page, "rows dropped: when", "Off")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_text(SAVED)).to_be_visible()
        values = office.admin.get(f"/files/{FILE}").json()["values"]
        assert values["alerts"] == [team]
        assert values["triggers"] == {
            "rows_rejected": {"warning": 10, "critical": "5%"},
            "slower": {"warning": 2.5},
            "rows_dropped": "off",
        }
        assert "2.50" in path.read_text()
    finally:
        path.write_text(before)


def test_what_is_not_well_is_seen_silenced_and_heard_of_again(page_of: PageOf, office: Office) -> None:
    page = page_of("editor")
    page.goto("/alerts")
    expect(page.get_by_role("row").filter(has_text="sources/warehouse")).to_contain_text("OK")
    _judged(office, Level.CRITICAL)
    page.reload()
    line = page.get_by_role("row").filter(has_text=f"{FILE}run failed").first
    expect(line).to_contain_text("CRITICAL")
    expect(line).to_contain_text("It failed.")
    page.set_viewport_size({"width": 1010, "height": 860})  # where columns are as narrow as they get
    word = line.locator(".mantine-Badge-label").first
    assert word.evaluate("one => one.scrollWidth <= one.clientWidth")
    line.get_by_role("button", name="Silence").click()
    choose(page, "How long", "for a day")
    page.get_by_role("button", name="Silence it").click()
    silenced = page.get_by_role("region", name="Silenced")
    expect(silenced).to_contain_text("by editor@example.com")
    expect(line).to_contain_text("silenced")
    (silence,) = office.admin.get("/silences").json()["items"]
    assert (silence["subject"], silence["trigger"]) == (FILE, "run_failed")
    silenced.get_by_role("button", name="End the silence").click()
    expect(silenced).to_have_count(0)
    _judged(office, Level.OK)
    page.reload()
    expect(line).to_contain_text("OK")
    expect(line.get_by_role("time")).to_be_visible()


def test_messages_say_what_became_of_them_and_viewers_change_nothing(
    page_of: PageOf, office: Office, team: str, catcher: Catcher
) -> None:
    path = office.root / f"{FILE}.yaml"
    before = path.read_text()
    path.write_text(f"{before}alerts: [{team}]\n")
    try:
        _judged(office, Level.CRITICAL)
        page = page_of("viewer")
        page.goto(f"/alerts/{team}?tab=messages")
        expect(page.get_by_role("row").filter(has_text=FILE)).to_contain_text("sent")
        assert [each.json()["level"] for each in catcher.caught] == ["critical"]
        expect(page.get_by_role("tab", name="Settings")).to_have_count(0)
        page.goto("/alerts")
        expect(page.get_by_role("row").filter(has_text=FILE)).to_contain_text("CRITICAL")
        expect(page.get_by_role("button", name="Silence")).to_have_count(0)
        expect(page.get_by_role("link", name="Add alert")).to_have_count(0)
    finally:
        _judged(office, Level.OK)
        path.write_text(before)
