"""Text messages through Twilio's official SDK, against a server that checks what it gets as Twilio does."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from bookward.alerts.channels.registry import open_channel
from bookward.errors import AlertRefused, AlertUndelivered
from bookward.spec.alert import SmsSpec
from tests.integration.alerts.catcher import Catcher, Caught, Reply
from tests.unit.alerts.samples import message

ACCOUNT, TOKEN = "AC" + "1" * 32, "hunter2"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"


class Twilio:
    """What Twilio keeps of an account's messages; a number that is ``bad`` is refused."""

    def __init__(self, bad: str = "", lost: str = "") -> None:
        self.sent: list[dict[str, str]] = []
        self.bad = bad
        self.lost = lost

    def __call__(self, caught: Caught) -> Reply:
        basic = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        if caught.headers.get("authorization") != f"Basic {basic}":
            return Reply(401, {"code": 20003, "message": "Authenticate", "status": 401})
        path, query = urlsplit(caught.path)[2:4]
        assert path == PATH
        if caught.method == "GET":
            to = parse_qs(query)["To"][0]
            found = [one for one in reversed(self.sent) if one["to"] == to]
            return Reply(200, {"messages": found, "page_size": 50, "page": 0, "next_page_uri": None})
        form = {name: values[0] for name, values in parse_qs(caught.body.decode()).items()}
        assert form.keys() in ({"To", "From", "Body"}, {"To", "MessagingServiceSid", "Body"})
        assert 0 < len(form["Body"]) <= 1600
        if form["To"] == self.bad:
            return Reply(
                400, {"code": 21211, "message": f"The number {self.bad} is not valid", "status": 400}
            )
        if form["To"] == self.lost:
            return Reply(503, {"code": 20503, "message": "Unavailable", "status": 503})
        self.sent.append({"to": form["To"], "body": form["Body"], "sid": "SM" + "1" * 32})
        return Reply(201, self.sent[-1])


def sms(catcher: Catcher, *to: str, sender: str = "+6421000000", token: str = TOKEN) -> Any:
    said = {"account": ACCOUNT, "token": token, "sender": sender, "to": to or ("+6421111111",)}
    spec = SmsSpec.model_validate({"type": "sms", "api_url": catcher.url} | said)
    return open_channel("phones", spec)


def test_a_text_message_is_short_and_leads_to_the_run(catcher: Catcher) -> None:
    catcher.answer = twilio = Twilio()
    sms(catcher).send([message(said="x" * 1_000)], "delivery-d1", again=False)
    sms(catcher, sender="MG" + "1" * 32).send([message(), message()], "delivery-d2", again=False)
    one, two = (each["body"] for each in twilio.sent)
    assert len(one) == 300
    assert one.startswith("CRITICAL: invoices, run failed. xxx")
    assert one.endswith(f"... {message().link} [ery-d1]")
    assert two == "Bookward: 2 critical [ery-d2]"


def test_nobody_is_told_twice_when_one_of_several_numbers_was_not_reached(catcher: Catcher) -> None:
    numbers = ("+6421111111", "+6422222222", "+6423333333")
    catcher.answer = twilio = Twilio(lost=numbers[1])
    with pytest.raises(AlertUndelivered, match="503"):
        sms(catcher, *numbers).send([message()], "delivery-d1", again=False)
    twilio.lost = ""
    sms(catcher, *numbers).send([message()], "delivery-d1", again=True)
    assert [one["to"] for one in twilio.sent] == list(numbers)
    sms(catcher, *numbers).send([message()], "delivery-d2", again=True)
    assert len(twilio.sent) == 6


def test_what_twilio_refuses_is_told_by_its_code_without_number_or_token(catcher: Catcher) -> None:
    catcher.answer = Twilio(bad="+6421111111")
    with pytest.raises(AlertRefused, match="21211") as told:
        sms(catcher).send([message()], "d1", again=False)
    assert "1111111" not in str(told.value)
    with pytest.raises(AlertRefused, match="20003") as told:
        sms(catcher, token="other-hunter2").send([message()], "d1", again=False)
    assert "hunter2" not in repr(told.value)


def test_without_an_answer_it_is_tried_again(catcher: Catcher) -> None:
    channel = sms(Catcher("http://127.0.0.1:1"))
    with pytest.raises(AlertUndelivered):
        channel.send([message()], "d1", again=False)
