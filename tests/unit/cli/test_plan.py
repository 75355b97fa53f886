from __future__ import annotations

from decimal import Decimal

import pytest

from bookward import exactjson
from bookward.bookings import Moved
from bookward.cli.render.operations import changed_fields
from bookward.errors import ModelEmpty, RateLimited
from bookward.records import ChangeKind, Operation, OperationKind
from tests.unit.cli.fake_app import FakeApp
from tests.unit.cli.samples import HOSTILE, RUN_ID, SamplePlan, insert, reject, update


def test_a_plan_shows_counts_cost_and_old_and_new_values(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(
        insert(0), update(1, {"Name": "Acme Limited"}, {"Name": "Acme Ltd"}, notes=("shortened",))
    )
    result = bookward("plan", "contacts")
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert "Into Demo Company 1,000 rows read: 2 added." in shown
    assert "insert 1 records to create" in shown
    assert "Forecast: 2 calls (1 at the very least), about 3.5 s" in shown
    assert "update C-001 Name Acme Ltd → Acme Limited" in shown
    assert "note: shortened" in shown
    assert f"Run it: bookward run contacts --plan {RUN_ID}" in shown


def test_a_plan_says_what_is_made_first(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(insert(0))
    app.planned.header.first = {"contacts": 1200}
    shown = " ".join(bookward("plan", "contacts").stdout.split())
    assert "and 1,200 contacts first" in shown
    assert exactjson.decode(bookward("plan", "contacts", "--json").stdout)["plan"]["first"] == {
        "contacts": 1200
    }


def test_the_command_that_runs_it_names_the_same_project(bookward, app: FakeApp, tmp_path) -> None:
    app.planned = SamplePlan(insert(0))
    document = exactjson.decode(bookward("-C", str(tmp_path), "plan", "contacts", "--json").stdout)
    assert document["plan"]["organisation"] == {"id": "0f1e", "name": "Demo Company"}
    assert document["run_with"] == f"bookward -C {tmp_path} run contacts --plan {RUN_ID}"


def test_rejected_rows_come_with_their_reasons(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(insert(0), reject(1), reject(2, "has no name"))
    result = bookward("plan", "contacts")
    assert result.exit_code == 3
    shown = " ".join(result.stdout.split())
    assert "field_invalid Correct the value in the source." in shown
    assert shown.count("Correct the value in the source.") == 1
    assert "C-002 EmailAddress: has no name" in shown


def test_nothing_to_do(bookward) -> None:
    result = bookward("plan", "contacts")
    assert result.exit_code == 0
    assert "Nothing to do" in result.stdout
    assert "Run it" not in result.stdout
    assert "Forecast" not in result.stdout


def test_a_plan_beyond_the_guards_says_so_and_how_it_is_approved(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(insert(0))
    app.planned.header.money = {
        "": Moved(after=Decimal("1234.5"), up=Decimal("1234.5")),
        "EUR": Moved(before=Decimal(30), after=Decimal(23), up=Decimal(2), down=Decimal(9), unknown=1),
    }
    app.planned.header.tripped = ("It changes 1 records, and max_changes is 0.",)
    shown = " ".join(bookward("plan", "contacts", "--show", RUN_ID).stdout.split())
    assert app.asked == [("open_plan", RUN_ID, "contacts")]
    assert "Books: 1,234.50 Books: -7.00 EUR: 30.00 before, 23.00 after; 2.00 up, 9.00 down;" in shown
    assert "before is not known of 1 record" in shown
    assert "Guard: It changes 1 records, and max_changes is 0." in shown
    assert f"Run it: bookward run contacts --approve {RUN_ID}" in shown
    assert bookward("plan", "invoices", "--show", RUN_ID).exit_code == 2


def test_a_plan_says_what_a_person_has_to_want(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(insert(0))
    app.planned.header.grave = "It removes records that a reconciliation found."
    shown = " ".join(bookward("plan", "contacts").stdout.split())
    assert "Guard: It removes records that a reconciliation found." in shown


def test_a_day_that_is_too_short(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(
        insert(0), forecast={"calls": 900, "least_calls": 900, "seconds": 5400.0, "day_left": 100}
    )
    shown = " ".join(bookward("plan", "contacts").stdout.split())
    assert "900 calls, about 90 min, more than the 100 left today" in shown


def test_the_limit_holds_for_operations_and_rejects_apart(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(*map(insert, range(5)), *map(reject, range(5, 10)))
    shown = bookward("plan", "contacts", "--limit", "2").stdout
    assert "C-001" in shown
    assert "C-002" not in shown
    assert "C-006" in shown
    assert "C-007" not in shown
    assert shown.count("and 3 more") == 2


def test_kinds_that_send_nothing_are_shown_when_asked_for(bookward, app: FakeApp) -> None:
    kept = Operation(seq=1, key="C-KEPT", change=ChangeKind.REMOVED, kind=OperationKind.KEEP)
    app.planned = SamplePlan(insert(0), kept)
    assert "C-KEPT" not in bookward("plan", "contacts").stdout
    assert "C-KEPT" in bookward("plan", "contacts", "--all").stdout
    shown = bookward("plan", "contacts", "--kind", "keep").stdout
    assert "C-KEPT" in shown
    assert "C-000" not in shown


def test_json(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(update(0, {"Balance": Decimal("10.10")}, {"Balance": None}), reject(1))
    result = bookward("plan", "contacts", "--json", "--all")
    assert result.exit_code == 3
    assert result.stderr == ""
    document = exactjson.decode(result.stdout)
    assert document["plan"]["id"] == RUN_ID
    assert document["plan"]["expires"] == "2026-11-03T09:00:00Z"
    assert document["plan"]["operations"] == {"update": 1, "reject": 1}
    assert document["operations"][0] == {
        "seq": 0,
        "key": "C-000",
        "change": "changed",
        "kind": "update",
        "remote_id": "5f0c",
        "payload": {"Balance": Decimal("10.10")},
        "before": {"Balance": None},
        "brief": None,
        "notes": [],
        "rejection": None,
    }
    assert document["operations"][1]["rejection"]["field"] == "EmailAddress"
    assert '"Balance":10.10' in result.stdout


def test_json_of_an_empty_plan_is_a_document_too(bookward) -> None:
    assert exactjson.decode(bookward("plan", "contacts", "--json").stdout)["operations"] == []


def test_options_reach_the_app(bookward, app: FakeApp) -> None:
    bookward("plan", "contacts", "--allow-empty")
    assert app.asked == [("plan", "contacts", True)]


@pytest.mark.parametrize(("error", "code"), [(ModelEmpty("no row"), 1), (RateLimited("day limit"), 4)])
def test_errors(error: Exception, code: int, bookward, app: FakeApp) -> None:
    app.planned = error
    assert bookward("plan", "contacts").exit_code == code


def test_hostile_keys_and_values(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(update(0, {HOSTILE: HOSTILE}, {HOSTILE: "old"}), reject(1, HOSTILE))
    shown = bookward("plan", "contacts").stdout
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[red]Ac␛[31mme" in shown
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_what_changed_is_found_inside_lists_and_objects() -> None:
    before = {"Name": "A", "Phones": [{"Type": "MOBILE", "Number": "1"}, {"Type": "FAX"}], "Tax": None}
    after = {"Name": "A", "Phones": [{"Type": "MOBILE", "Number": "2"}], "Note": "x", "Tax": "NZ"}
    assert list(changed_fields(update(0, after, before))) == [
        ("Phones[1].Number", "1", "2"),
        ("Tax", None, "NZ"),
        ("Phones[2].Type", "FAX", None),
    ]


def test_many_fields_are_cut_unless_all_are_asked_for(bookward, app: FakeApp) -> None:
    app.planned = SamplePlan(insert(0, **{f"Field{n}": n for n in range(20)}))
    assert "and 8 more fields" in bookward("plan", "contacts").stdout
    assert "Field19" in bookward("plan", "contacts", "--all").stdout


def test_notes_are_shown(bookward, app: FakeApp) -> None:
    app.planned.header.notes = ("Column 'fax' is gone from the model; nothing used it.",)
    assert "Note: Column 'fax' is gone from the model" in bookward("plan", "contacts").stdout
    document = exactjson.decode(bookward("plan", "contacts", "--json").stdout)
    assert document["plan"]["notes"] == list(app.planned.header.notes)
