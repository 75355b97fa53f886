"""What rows say is hidden from viewers wherever a row or a refusal is told, and nothing is found by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from bookward.errors import MatchTaken
from bookward.serving import Role
from bookward.web.masking import HIDDEN, masked_reason, masked_row
from tests.integration.web.site import Site
from tests.integration.web.test_runs import RUNS, pages, whole
from tests.integration.world import World

SAID = "Zanzibar"
"""Stands in rows, and in why they were refused."""
ROWS = "/api/v1/syncs/customers/rows"


@pytest.fixture
def site(world: World) -> Iterator[Site]:
    """Serve a project whose last run booked a row of that name and was refused two that have it as well."""
    world.customers((7, f"{SAID} Trust"), (8, f"{SAID} Ltd"), (9, f"{SAID} Ltd"), (10, f"{SAID} " * 100))
    world.run()
    with closing(world.app()) as app, Site.running(app) as running:
        yield running


@pytest.fixture
def plan(site: Site) -> str:
    return f"/api/v1/syncs/customers/plans/{site.app.plan('customers').header.id}"


def test_no_route_tells_a_viewer_what_rows_say(site: Site, plan: str) -> None:
    with site.client(Role.VIEWER) as viewer, site.client(Role.EDITOR) as editor:
        rows = pages(editor, f"{RUNS}/last/rows", 50)
        refused = next(row["seq"] for row in rows if row["rejection"])
        told = {
            f"{RUNS}/last/rows",
            f"{RUNS}/last/rows/{refused}",
            f"{RUNS}/last/rows/{rows[0]['seq']}",
            f"{RUNS}/last/reasons",
            f"{RUNS}/last/report",
            f"{plan}/operations",
            f"{plan}/reasons",
            ROWS,
        }
        silent = {RUNS, f"{RUNS}/last", f"{RUNS}/last/live", plan, "/api/v1/syncs", "/api/v1/states"}
        for path in told:
            assert (path, SAID in editor.get(path).text) == (path, True)
        for path in told | silent:
            answer = viewer.get(path)
            assert (path, answer.status_code, SAID in answer.text) == (path, 200, False)
        assert "Row" in viewer.get(f"{RUNS}/last/report").text


def test_a_viewer_is_told_what_the_code_means(site: Site, plan: str) -> None:
    with site.client(Role.VIEWER) as viewer, site.client(Role.EDITOR) as editor:
        for path in (f"{RUNS}/last/rows", ROWS, f"{plan}/operations"):
            shown, full = pages(viewer, path, 1), pages(editor, path, 50)
            assert [one["key"] for one in shown] == [one["key"] for one in full]
            codes = [
                one["rejection"] and (one["rejection"]["code"], one["rejection"]["field"]) for one in full
            ]
            assert codes == [
                one["rejection"] and (one["rejection"]["code"], one["rejection"]["field"]) for one in shown
            ]
            assert {one["rejection"]["message"] for one in shown if one["rejection"]} == {
                "The value does not fit the destination's field.",
                str(MatchTaken.__doc__).strip(),
            }
        for path in (f"{RUNS}/last/reasons", f"{plan}/reasons"):
            assert [(one["id"], one["rows"]) for one in whole(viewer, path)] == [
                (one["id"], one["rows"]) for one in whole(editor, path)
            ]


@pytest.mark.parametrize("search", [SAID, "already"])
def test_a_viewer_finds_nothing_by_what_is_hidden(site: Site, plan: str, search: str) -> None:
    with site.client(Role.VIEWER) as viewer, site.client(Role.EDITOR) as editor:
        paths = (f"{RUNS}/last/rows", ROWS, f"{plan}/operations")
        assert search != SAID or all(pages(editor, path, 9, search=search) for path in paths)
        assert [pages(viewer, path, 9, search=search) for path in paths] == [[], [], []]
        for path in paths:  # ids of records, which nobody chooses, may have a 10 in them too
            assert "10" in [one["key"] for one in pages(viewer, path, 9, search="10")]


def test_a_code_that_says_nothing_is_hidden_whole() -> None:
    reason = {"code": "of_tomorrow", "message": f"{SAID} it is", "remedy": f"Ask {SAID}", "field": "Name"}
    hidden = {"code": "of_tomorrow", "message": HIDDEN, "remedy": "", "field": "Name"}
    assert masked_reason(reason, Role.VIEWER) == hidden
    row = {
        "key": "1",
        "rejection": reason,
        "warnings": [SAID, SAID],
        "notes": [SAID],
        "payload": {"Name": SAID},
    }
    assert masked_row(row, Role.EDITOR) == row
    assert masked_row(row, Role.VIEWER) == {
        "key": "1",
        "rejection": hidden,
        "warnings": [HIDDEN, HIDDEN],
        "notes": [HIDDEN],
        "payload": None,
    }
