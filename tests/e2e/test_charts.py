"""The overview draws what was synced day by day and when which sync ran, and says it in tables too."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from bookward.store.runs import RunState
from tests.e2e.conftest import Office

PageOf = Callable[[str | None], Page]

DRAWN = """canvas => {
    const {data} = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const strong = (at, one, ...others) => others.every(other => data[at + one] > data[at + other] + 40);
    const drawn = {green: 0, red: 0};
    for (let at = 0; at < data.length; at += 4) {
        if (data[at + 3] < 200) continue;
        drawn.green += strong(at, 1, 0) && data[at + 1] > data[at + 2] + 20;
        drawn.red += strong(at, 0, 1, 2);
    }
    return drawn;
}"""


@pytest.fixture(scope="module", autouse=True)
def _ran(office: Office) -> None:
    """Write down runs of a sync that no other test knows: theirs are to find the books as they left them."""
    with closing(office.app()) as app:
        runs, now = app._wiring.store.runs, app.clock.now()
        runs.begin("charted-badly", "charted", now, "{}")
        runs.end("charted-badly", RunState.FAILED, now, {})
        runs.begin("charted-well", "charted-well", now, "{}")
        runs.end("charted-well", RunState.DONE, now, {"rows_accepted": 1})
        runs.begin("charted", "charted", now, "{}")
        runs.end("charted", RunState.DONE, now, {"rows_accepted": 30, "rows_rejected": 2})


def test_what_was_synced_is_drawn_and_said(page_of: PageOf, office: Office) -> None:
    page = page_of("viewer")
    page.goto("/")
    drawn = page.locator(".plot canvas")
    expect(drawn).to_have_count(2)
    colours = [chart.evaluate(DRAWN) for chart in drawn.all()]
    assert all(each["green"] > 0 for each in colours)
    assert colours[1]["red"] > 0, "a later run of the same minute hides the one that failed"
    expect(page.get_by_role("region", name="Runs of the last 24 hours")).to_contain_text("1 run failed.")
    today = office.admin.get("/activity").json()["items"][-1]
    assert today["rows_accepted"] > 0
    said = page.get_by_role("table", name="Rows by day").get_by_role("row").last
    expect(said).to_contain_text(f"{today['day']}{today['rows_accepted']}{today['rows_rejected']}")
    newest = page.get_by_role("table", name="Last runs").get_by_role("row").nth(1)
    expect(newest).to_contain_text("Done in part")


def test_charts_come_when_they_are_needed_and_in_dark_colours_too(page_of: PageOf) -> None:
    page = page_of("viewer")
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/syncs")
    expect(page.get_by_role("heading", name="Syncs")).to_be_visible()
    assert not [url for url in asked if "Plot" in url]
    page.get_by_role("link", name="Overview").click()
    expect(page.locator(".plot canvas")).to_have_count(2)
    assert [url for url in asked if "Plot" in url]
    page.get_by_role("button", name="Dark colours").click()
    expect(page.locator(".plot canvas").first).to_be_visible()
    assert page.locator(".plot canvas").first.evaluate(DRAWN)["green"] > 0
