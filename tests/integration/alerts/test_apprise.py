"""Services that Apprise knows, by one that only needs a server."""

from __future__ import annotations

import pytest

from bookward.alerts.channels.registry import open_channel
from bookward.errors import AlertRefused, AlertUndelivered
from bookward.spec.alert import AppriseSpec
from bookward.standings import Level
from tests.integration.alerts.catcher import Catcher, Reply
from tests.unit.alerts.samples import digest, message

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def send(url: str) -> None:
    spec = AppriseSpec(type="apprise", secret_url=url)
    open_channel("others", spec).send([message(Level.CRITICAL)], "d1", again=False)


def test_a_service_of_apprise_gets_title_text_and_kind(catcher: Catcher) -> None:
    send(catcher.url.replace("http://", "json://") + "/in/hunter2")
    (caught,) = catcher.caught
    body = caught.json()
    assert (caught.path, body["title"], body["type"]) == (
        "/in/hunter2",
        "CRITICAL: invoices, run failed",
        "failure",
    )
    assert '<Table> & "invoices" is gone.' in body["message"]


def test_what_it_cannot_deliver_is_tried_again_and_what_it_does_not_know_is_refused(catcher: Catcher) -> None:
    catcher.answer = lambda _: Reply(500)
    with pytest.raises(AlertUndelivered) as told:
        send(catcher.url.replace("http://", "json://") + "/hunter2")
    assert "hunter2" not in repr(told.value)
    with pytest.raises(AlertRefused) as refused:
        send("pigeon://hunter2")
    assert "hunter2" not in repr(refused.value)


def test_a_digest_is_neither_good_nor_bad(catcher: Catcher) -> None:
    spec = AppriseSpec(type="apprise", secret_url=catcher.url.replace("http://", "json://"))
    open_channel("others", spec).send_digest(digest(), "d1", again=False)
    body = catcher.caught[0].json()
    assert (body["type"], "Booked, without added tax" in body["message"]) == ("info", True)
