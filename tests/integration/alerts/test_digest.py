"""Digests of real runs: what they say is what happened, and each is sent once, by every channel."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from standardwebhooks import Webhook as Judge

from bookward.alerts.channels.registry import open_channel
from bookward.alerts.channels.webhook import DigestBody
from bookward.app import App
from bookward.digests import Digest, SyncDone
from bookward.errors import AlertRefused, BookwardError, NameUnknown
from bookward.spec.alert import EmailSpec, PagerDutySpec
from bookward.store.outbox import MessageState
from tests.integration.alerts.catcher import Catcher, Reply
from tests.integration.alerts.test_email import BOB, Mailbox, Tags, serving
from tests.integration.alerts.test_pagerduty import ACCEPTED, KEY
from tests.integration.alerts.test_sequence import SECRET
from tests.integration.alerts.test_slack import Workspace, bot, buttons, check_blocks
from tests.integration.alerts.test_sms import Twilio, sms
from tests.integration.alerts.test_webhook import webhook
from tests.integration.editing.edited import FILES, open_app
from tests.integration.test_invoices import contacts, feed, invoice
from tests.integration.test_run_all import bookward
from tests.integration.world import World, moving
from tests.unit.alerts.samples import digest

MAIL = "type: email\nhost: localhost\nport: %d\nsecurity: none\nsender: b@example.com\nto: bob@example.com\n"
HOOK = "type: webhook\nurl: %s\nsecret: ${XERO_SECRET}\n"
DAILY = "digest: {at: '07:00'}\n"
TUESDAY = datetime(2026, 11, 3, 7, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path, catcher: Catcher) -> Iterator[App]:
    """Return a project without runs whose only alert has a digest; it is Monday, 9:00."""
    for name, text in (FILES | {"alerts/team.yaml": HOOK % catcher.url + DAILY}).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with closing(open_app(tmp_path)) as opened:
        opened.alerts.turn()
        yield opened


def later(app: App, **time: float) -> None:
    moving(app.clock).jump(**time)
    app.alerts.turn()


def said(catcher: Catcher) -> list[dict[str, Any]]:
    """Return the digests that came since this was asked last."""
    caught, catcher.caught = catcher.caught, []
    return [one.json()["digest"] for one in caught]


def periods(catcher: Catcher) -> list[tuple[str, str]]:
    return [(one["since"][:16], one["until"][:16]) for one in said(catcher)]


# What it says


@pytest.fixture
def busy(world: World) -> World:
    """Return a company after a day of runs of two syncs."""
    contacts(world)
    world.many(3)
    invoices = feed(world).rows(
        invoice("1", CurrencyCode="NZD", price=Decimal("100.1234"), freight=Decimal("7.5")),
        invoice("2", freight=Decimal("0.01")),
        invoice("3", customer="nobody@example.com"),
    )
    invoices.constants = {"Type": "ACCREC"}
    world.run()
    invoices.run()
    world.customers((4, ""), (5, "New"))
    world.warehouse.execute("UPDATE customers SET email = 'x@example.com' WHERE id = 1")
    world.warehouse.execute("DELETE FROM customers WHERE id = 2")
    world.run()
    world.run()
    world.warehouse.execute("ALTER TABLE customers RENAME TO clients")
    with suppress(BookwardError):
        world.run()
    world.warehouse.execute("DROP TABLE clients")
    moving(world.clock).jump(minutes=1)
    return world


def test_a_digest_says_what_happened(busy: World) -> None:
    with closing(busy.app()) as app:
        found = app.alerts.digest()
    assert {one.sync: one for one in found.syncs} == {
        "customers": SyncDone(
            sync="customers", runs=4, failed=1, inserted=4, updated=1, removed=1, adopted=0, waiting=1
        ),
        "feed": SyncDone(
            sync="feed", runs=1, failed=0, inserted=2, updated=0, removed=0, adopted=0, waiting=1
        ),
    }
    sums = {one.currency: (one.object, one.inserted, one.updated) for one in found.sums}
    # 1.5 x 100.1234 in cents, twice, and the freight of each.
    assert sums == {
        "NZD": ("invoices", Decimal("157.69"), Decimal(0)),
        "": ("invoices", Decimal("150.20"), Decimal(0)),
    }
    assert {(one.sync, one.code): (one.rows, one.waiting, one.parked) for one in found.refused} == {
        ("customers", "field_required"): (1, 1, 0),
        ("feed", "look_up_failed"): (1, 1, 0),
    }
    (trouble,) = found.troubles
    assert (trouble.sync, trouble.state, "customers" in trouble.said) == ("customers", "failed", True)
    (spent,) = found.spent
    assert spent.calls == len(busy.api_calls()) + 1  # that one when the organisation was chosen
    assert spent.left == 5_000 - spent.calls

    busy.write("alerts/sales.yaml", MAIL % 1 + "digest: {syncs: feed}\n")
    with closing(busy.app()) as app:
        found = app.alerts.digest("sales")
    assert ([one.sync for one in found.syncs], found.troubles) == (["feed"], [])
    assert {one.sync for one in found.refused} == {"feed"}


def test_a_day_is_told_by_mail_once_and_the_next_begins_where_it_ended(busy: World) -> None:
    box = Mailbox()
    with serving(box) as port:
        busy.write("alerts/finance.yaml", MAIL % port + "digest: {at: '22:00', timezone: Pacific/Auckland}\n")
        busy.environ["BOOKWARD_URL"] = "https://books.example.com"
        with closing(busy.app()) as app:
            later(app)
            moving(busy.clock).jump(hours=1)
            with suppress(BookwardError):
                busy.run()  # fails again, since its table is gone
            later(app, hours=22)
            assert box.mails == []
            later(app, hours=1, minutes=1)
            later(app, minutes=5)
            (mail,) = box.mails
            later(app, days=1)
    assert mail["subject"] == "Test company, Tue 3 Nov: 0 rows synced, 2 not, 1 run did not end well"
    plain, page = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert page is not None
    lines = plain.get_content().splitlines()
    assert lines[0] == "Mon 2 Nov 22:01 to Tue 3 Nov 22:00, Pacific/Auckland"
    assert "customers     1         0        0        0                 1" in lines
    tags = Tags(page.get_content())
    assert tags.loaded == []
    assert [link for link in tags.links if link and "/runs/" in link]
    assert "22:00 to Wed 4 Nov 22:00" in box.mails[1].as_string()
    assert len(box.mails) == 2


# When


def test_each_digest_is_sent_once_however_many_take_turns(app: App, catcher: Catcher) -> None:
    moving(app.clock).jump(hours=22, minutes=1)
    others = [open_app(app._wiring.root) for _ in range(3)]
    for other in others:
        other._wiring.clock = app.clock
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(one.alerts.turn) for one in (app, *others) for _ in range(2)]:
            done.result()
    for other in others:
        other.close()
    assert periods(catcher) == [("2026-11-02T09:00", "2026-11-03T07:00")]
    later(app, hours=23)
    assert periods(catcher) == []
    later(app, hours=1)
    assert periods(catcher) == [("2026-11-03T07:00", "2026-11-04T07:00")]


def test_what_was_missed_is_told_as_one(app: App, catcher: Catcher) -> None:
    later(app, days=4)
    assert periods(catcher) == [("2026-11-02T09:00", "2026-11-06T07:00")]


def test_a_week_has_one_on_its_day_and_times_that_are_edited_count_from_then_on(
    app: App, catcher: Catcher
) -> None:
    file = app._wiring.root / "alerts/team.yaml"
    file.write_text(file.read_text().replace("'07:00'", "'07:00', days: [fri], timezone: Pacific/Auckland"))
    later(app, minutes=1)
    later(app, days=3, hours=8)
    assert periods(catcher) == []
    later(app, hours=1, minutes=1)
    assert periods(catcher) == [("2026-11-02T09:00", "2026-11-05T18:00")]
    # It is past 18:00 UTC: at 12:00 nothing is made up for that was not wanted then.
    file.write_text(HOOK % catcher.url + "digest: {at: '12:00'}\n")
    later(app, minutes=1)
    assert periods(catcher) == []
    later(app, hours=18)
    assert periods(catcher) == [("2026-11-05T18:00", "2026-11-06T12:00")]


def test_when_nothing_happened_it_says_so_or_is_skipped(app: App, catcher: Catcher) -> None:
    later(app, hours=22, minutes=1)
    (first,) = catcher.caught
    assert "1 sync did not run, and nothing of it waits." in first.json()["text"]
    file = app._wiring.root / "alerts/team.yaml"
    file.write_text(file.read_text().replace("'07:00'", "'07:00', when_quiet: skip"))
    catcher.caught.clear()
    later(app, minutes=1)
    later(app, days=1)
    assert catcher.caught == []
    file.write_text(file.read_text().replace("skip", "send"))
    later(app, minutes=1)
    later(app, days=1)
    assert periods(catcher) == [("2026-11-04T07:00", "2026-11-05T07:00")]


def test_one_that_is_taken_away_and_comes_again_begins_anew(app: App, catcher: Catcher) -> None:
    file = app._wiring.root / "alerts/team.yaml"
    text = file.read_text()
    file.write_text("type: webhook\n")  # broken: it is not gone
    later(app, minutes=1)
    file.write_text(text)
    later(app, days=1)
    assert periods(catcher) == [("2026-11-02T09:00", "2026-11-03T07:00")]
    file.write_text(text.replace(DAILY, ""))
    later(app, hours=1)
    file.write_text(text)
    later(app, hours=1)
    later(app, days=1)
    assert periods(catcher) == [("2026-11-03T11:01", "2026-11-04T07:00")]


@pytest.mark.parametrize("name", ["project.yaml", "alerts"])
def test_a_folder_that_is_away_for_a_moment_has_no_recipient_begin_anew(
    app: App, catcher: Catcher, name: str
) -> None:
    place = app._wiring.root / name
    place.rename(place.with_name("away"))
    if name == "alerts":
        place.symlink_to(place)  # as a disk that does not answer: it is there and cannot be read
    later(app, hours=5)
    place.unlink(missing_ok=True)
    place.with_name("away").rename(place)
    later(app, days=1)
    assert periods(catcher) == [("2026-11-02T09:00", "2026-11-03T07:00")]


def test_one_that_cannot_be_sent_is_tried_again_and_holds_no_alert_back(app: App, catcher: Catcher) -> None:
    catcher.answer = lambda _: Reply(503)
    later(app, hours=22, minutes=1)
    catcher.answer = lambda _: Reply(200)
    later(app, minutes=1)
    first, again = catcher.caught
    assert (first.headers["webhook-id"], first.body) == (again.headers["webhook-id"], again.body)
    assert [one.state for one in app.alerts.messages()] == [MessageState.SENT]


def test_a_sync_that_is_renamed_is_told_of_under_its_new_name(app: App, catcher: Catcher) -> None:
    file = app._wiring.root / "alerts/team.yaml"
    file.write_text(file.read_text().replace("'07:00'", "'07:00', syncs: [users]"))
    app.rename("users", "people")
    assert "syncs: [people]" in file.read_text()
    assert app.check().problems == ()
    file.write_text(file.read_text().replace("[people]", "[people, nobody]"))
    (problem,) = app.check().problems
    assert (problem.path, problem.field) == ("alerts/team.yaml", "digest.syncs.1")


# By which channel


def test_a_webhook_gets_figures_that_its_schema_describes(catcher: Catcher) -> None:
    open_channel("hook", webhook(catcher.url)).send_digest(digest(), "d1", again=False)
    (caught,) = catcher.caught
    body = Judge(SECRET).verify(caught.body, caught.headers)
    schema = DigestBody.model_json_schema(mode="serialization")
    jsonschema.Draft202012Validator(schema).validate(body)
    assert (body["type"], body["digest"]["sums"][0]["inserted"]) == ("digest", "1234567.80")
    assert Digest.of_plain(body["digest"]) == digest()


def test_slack_gets_blocks_that_it_takes_and_asks_once_after_a_crash(catcher: Catcher) -> None:
    catcher.answer = workspace = Workspace()
    many = [digest().troubles[0]] * 60
    channel = open_channel("team", bot(catcher))
    for again in (False, True):
        channel.send_digest(digest(troubles=many), "d1", again=again)
    (posted,) = workspace.posted
    check_blocks(posted["blocks"])
    assert buttons(posted["blocks"]) == ["https://books.example.com"]
    shown = json.dumps(posted["blocks"])
    assert ("Kea &amp; Sons" in posted["text"], "1,234,567.80" in shown, "more```" in shown) == (True,) * 3
    assert 'Table &lt;\\"invoices\\"&gt; is gone. Sorry.' in shown


def test_a_mail_is_no_alarm_and_has_its_delivery_as_its_id() -> None:
    box = Mailbox()
    with serving(box) as port:
        spec = EmailSpec(
            type="email", host="localhost", port=port, security="none", sender="b@example.com", to=[BOB]
        )
        open_channel("team", spec).send_digest(digest(), "d1", again=False)
    (mail,) = box.mails
    assert (mail["importance"], mail["message-id"]) == (None, "<d1@example.com>")
    assert (
        mail["subject"].strip() == "Kea & Sons, Mon 2 Nov: 1,546 rows synced, 5 not, 1 run did not end well"
    )


def test_pagerduty_is_told_of_a_change_and_wakes_nobody(catcher: Catcher) -> None:
    catcher.answer = lambda _: ACCEPTED
    spec = PagerDutySpec(type="pagerduty", routing_key=KEY, url=f"{catcher.url}/v2/enqueue")
    channel = open_channel("pager", spec)
    channel.send_digest(digest(), "d1", again=False)
    (caught,) = catcher.caught
    event = caught.json()
    assert (caught.path, event["routing_key"], "event_action" in event) == ("/v2/change/enqueue", KEY, False)
    assert event["payload"].keys() == {"summary", "source", "timestamp", "custom_details"}
    assert KEY not in channel.render_digest(digest(), "d1").text


def test_a_text_message_is_its_headline(catcher: Catcher) -> None:
    catcher.answer = twilio = Twilio()
    channel = sms(catcher)
    channel.send_digest(digest(), "delivery-d1", again=False)
    channel.send_digest(digest(), "delivery-d1", again=True)
    (text,) = twilio.sent
    assert text["body"].endswith("1 run did not end well https://books.example.com [ery-d1]")


# On the command line


def test_a_person_looks_at_it_and_sends_it(busy: World, catcher: Catcher) -> None:
    busy.environ |= {"XERO_SECRET": SECRET}
    busy.write("alerts/team.yaml", HOOK % catcher.url + DAILY)
    shown = bookward(busy, "digest")
    assert shown.exit_code == 0
    assert "customers     4" in shown.stdout
    assert "157.69" in shown.stdout
    assert catcher.caught == []
    found = json.loads(bookward(busy, "digest", "team", "--for", "7d", "--json").stdout, parse_float=Decimal)
    assert {one["currency"]: one["inserted"] for one in found["sums"]}["NZD"] == Decimal("157.69")
    assert bookward(busy, "digest", "team", "--send").exit_code == 0
    assert [one["alert"] for one in said(catcher)] == ["team"]
    catcher.answer = lambda _: Reply(401)
    assert bookward(busy, "digest", "team", "--send").exit_code == 1
    wrong = [("--send",), ("team", "--send", "--show"), ("nobody",), ("--for", "soon")]
    assert [bookward(busy, "digest", *words).exit_code for words in wrong] == [2] * 4
    with closing(busy.app()) as app:
        with pytest.raises(NameUnknown):
            app.alerts.digest("nobody")
        with pytest.raises(AlertRefused):
            app.alerts.send_digest(app.alerts.digest("team"))
