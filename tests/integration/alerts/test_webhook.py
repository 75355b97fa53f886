"""Webhooks against a real server: signed as the Standard Webhooks say, which their own library judges."""

from __future__ import annotations

import base64
import json
import socket
from datetime import timedelta

import jsonschema
import pytest
from standardwebhooks import Webhook as Judge
from standardwebhooks.webhooks import WebhookVerificationError

from bookward.alerts.channels.registry import open_channel
from bookward.alerts.channels.webhook import AlertBody
from bookward.errors import AlertRefused, AlertUndelivered
from bookward.spec.alert import WebhookSpec
from bookward.standings import Level
from tests.integration.alerts.catcher import Catcher, Reply
from tests.unit.alerts.samples import message

SECRET = "whsec_" + base64.b64encode(b"as long as a secret should be").decode()


def webhook(url: str, secret: str = SECRET) -> WebhookSpec:
    return WebhookSpec.model_validate({"type": "webhook", "url": url, "secret": secret, "timeout": 5})


def send(url: str, secret: str = SECRET, **more: object) -> None:
    open_channel("hook", webhook(url, secret)).send([message(**more)], "d1", again=False)


def test_a_webhook_is_signed_and_says_what_its_schema_says(catcher: Catcher) -> None:
    send(f"{catcher.url}/hook?team=1")
    (caught,) = catcher.caught
    body = Judge(SECRET).verify(caught.body, caught.headers)
    jsonschema.Draft202012Validator(AlertBody.model_json_schema(mode="serialization")).validate(body)
    assert (caught.path, caught.headers["webhook-id"]) == ("/hook?team=1", "d1")
    told = {name: body[name] for name in ("type", "level", "before", "trigger", "subject", "run", "title")}
    assert told == {
        "type": "alert",
        "level": "critical",
        "before": "ok",
        "trigger": "run_failed",
        "subject": "syncs/invoices",
        "run": "20261102-090000-3f9c21",
        "title": "CRITICAL: invoices, run failed",
    }
    with pytest.raises(WebhookVerificationError):
        Judge(SECRET).verify(caught.body.replace(b"critical", b"warning"), caught.headers)


def test_a_secret_that_is_any_text_signs_too_and_a_retry_has_the_same_id(catcher: Catcher) -> None:
    send(catcher.url, "hush")
    send(catcher.url, "hush", level=Level.OK)
    judge = Judge(base64.b64encode(b"hush").decode())
    levels = [judge.verify(each.body, each.headers)["level"] for each in catcher.caught]
    assert (levels, {each.headers["webhook-id"] for each in catcher.caught}) == (["critical", "ok"], {"d1"})


@pytest.mark.parametrize("status", [400, 401, 404, 410, 301])
def test_what_is_refused_is_not_for_waiting(catcher: Catcher, status: int) -> None:
    catcher.answer = lambda _: Reply(status, headers={"Location": f"{catcher.url}/elsewhere"})
    with pytest.raises(AlertRefused, match=str(status)):
        send(catcher.url)
    assert len(catcher.caught) == 1


def test_what_may_pass_is_tried_again_when_the_other_side_says(catcher: Catcher) -> None:
    catcher.answer = lambda _: Reply(503, headers={"Retry-After": "120"})
    with pytest.raises(AlertUndelivered) as told:
        send(catcher.url)
    assert told.value.wait == timedelta(seconds=120)


def test_no_error_repeats_the_address(catcher: Catcher) -> None:
    catcher.answer = lambda _: Reply(403, b"your token hunter2 is wrong")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        closed = taken.getsockname()[1]
    for url in (f"{catcher.url}/hunter2", f"http://127.0.0.1:{closed}/hunter2", "ftp://hunter2", "http://["):
        with pytest.raises((AlertRefused, AlertUndelivered)) as told:
            send(url)
        assert "hunter2" not in f"{told.value} {told.value.remedy} {json.dumps(str(told.value.__cause__))}"
