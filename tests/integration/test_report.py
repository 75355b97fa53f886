"""The report of a run: what it booked is what the books say, and it tells when anything was touched since."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from bookward.app import Report
from bookward.cli.backend import Backend
from bookward.cli.main import command_line
from bookward.reportpage import report_page
from tests.integration.feeds import Feed
from tests.integration.test_invoices import booked, contacts, feed, invoice
from tests.integration.world import World


def report_of(world: World, run: str = "last") -> Report:
    with closing(world.app()) as app:
        return app.report(run)


def ledger(world: World) -> dict[tuple[str, str], Decimal]:
    """Return what the books say of each account and currency."""
    sums: Counter[tuple[str, str]] = Counter()
    for document in booked(world).values():
        for line in document["LineItems"]:
            sums[line["AccountCode"], document["CurrencyCode"]] += line["LineAmount"]
    return dict(sums)


def told(report: Report, kind: str = "insert") -> dict[tuple[str, str], Decimal]:
    """Return what the report says, the currency of the books named."""
    assert report.booked is not None
    sums: Counter[tuple[str, str]] = Counter()
    for each in report.booked:
        sums[each.account, each.currency or "NZD"] += each.amount if each.kind == kind else 0
    return {account: amount for account, amount in sums.items() if amount}


@pytest.fixture
def documents(world: World) -> Feed:
    contacts(world)
    rows = [
        invoice("1", CurrencyCode="NZD"),
        invoice("2", account="260", freight=Decimal("0.01")),  # without a currency: in that of the books
        invoice("3", CurrencyCode="NZD", account="260", freight=Decimal(-1)),
        invoice("<b>4</b>", CurrencyCode="NZD", customer="nobody@example.com"),
    ]
    return feed(world).rows(*rows)


def test_what_a_run_booked_is_what_the_books_say(world: World, documents: Feed) -> None:
    run = documents.run().run
    report = report_of(world)
    assert (report.run.id, told(report)) == (run.id, ledger(world))
    assert told(report)[("200", "NZD")] == Decimal("157.69")
    assert {(each.kind, each.status): each.rows for each in report.happened} == {
        ("insert", "accepted"): 3,
        ("reject", "rejected"): 1,
    }
    assert [row.key for row in report.not_synced] == ["<b>4</b>"]
    assert sum(each.calls for each in report.called) == run.counts["calls"]
    assert (report.run.reason, str(report.run.asked_by).endswith("@localhost")) == ("by hand", True)


def test_an_update_is_told_with_what_the_record_says_now(world: World, documents: Feed) -> None:
    documents.run()
    documents.rows(invoice("1", CurrencyCode="NZD", freight=Decimal("9.50"))).run()
    report = report_of(world)
    assert told(report, "update") == {("200", "NZD"): Decimal("159.69")}
    assert told(report) == {}


def test_a_run_that_books_no_money_says_so(world: World) -> None:
    world.customers((1, "Ann"))
    world.run()
    report = report_of(world)
    assert report.booked is None
    page = report_page(report, report.run.started_at)
    assert "No money" in page
    assert "done in part" not in page


def test_the_page_shows_all_of_it_and_nothing_can_break_out_of_it(world: World, documents: Feed) -> None:
    documents.run()
    report = report_of(world)
    page = report_page(report, report.run.started_at)
    assert "<b>4</b>" not in page
    assert "&lt;b&gt;4&lt;/b&gt;" in page
    (refused,) = report.not_synced
    named = (
        "done in part",
        "157.69",
        "260",
        report.digest,
        "Created",
        "nobody@example.com",
        f"({refused.code})",
    )
    assert [each for each in named if each not in page] == []


def test_the_checksum_tells_whether_anything_was_touched(world: World, documents: Feed) -> None:
    documents.run()
    digest = report_of(world).digest
    assert report_of(world).digest == digest
    with closing(sqlite3.connect(world.root / ".bookward" / "state.db")) as database, database:
        database.execute("UPDATE outcomes SET remote_id = 'another' WHERE seq = 0")
    assert report_of(world).digest != digest


def test_the_verb_writes_a_file(world: World, documents: Feed, monkeypatch: Any, tmp_path: Path) -> None:
    documents.run()
    for name, value in world.environ.items():
        monkeypatch.setenv(name, value)

    def said(*words: str) -> tuple[int, str, str]:
        done = CliRunner().invoke(command_line, ["-C", str(world.root), "report", *words], obj=Backend())
        return done.exit_code, done.stdout, done.stderr

    file = tmp_path / "report.html"
    assert said("last", "--to", str(file))[0] == 0
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    code, out, _ = said("last", "--json")
    document = json.loads(out, parse_float=Decimal)
    assert (code, document["sha256"]) == (0, report_of(world).digest)
    assert {(b["account"], b["currency"]) for b in document["booked"]} == {
        ("200", "NZD"),
        ("260", ""),
        ("260", "NZD"),
    }
    code, _, err = said("last", "--to", str(tmp_path / "nowhere" / "report.html"))
    assert (code, "--to" in err) == (1, True)
    assert said("nothing")[0] == 2
