"""`bookward alert`: what is told, tried and silenced, as a person types it."""

from __future__ import annotations

import json
from typing import Any

from tests.integration.alerts.catcher import Catcher, Reply
from tests.integration.test_run_all import bookward
from tests.integration.world import World


def asked(world: World, *words: str) -> tuple[int, Any]:
    """Return the exit code and the document of a command."""
    done = bookward(world, "alert", *words, "--json")
    return done.exit_code, json.loads(done.stdout)


def test_alerts_are_listed_tried_silenced_and_shown(world: World, catcher: Catcher) -> None:
    world.environ |= {"HOOK_SECRET": "hush"}
    world.write("alerts/team.yaml", f"type: webhook\nurl: {catcher.url}\nsecret: ${{HOOK_SECRET}}\n")
    world.write("project.yaml", "name: Test company\nalerts: [team]\n")
    world.edit("models/customers.sql", "customers", "nothing")
    assert bookward(world, "run", "customers").exit_code == 1
    assert [caught.json()["level"] for caught in catcher.caught] == ["critical"]

    code, found = asked(world, "state")
    assert (code, [one["subject"] for one in found["states"]]) == (0, ["syncs/customers"])
    shown = bookward(world, "alert", "state").stdout
    assert "CRITICAL  syncs/customers  run_failed" in shown
    code, found = asked(world, "list")
    assert [(one["alert"], one["type"], one["waiting"]) for one in found["alerts"]] == [
        ("team", "webhook", 0)
    ]

    assert asked(world, "test", "team") == (0, {"alert": "team", "arrived": True})
    assert catcher.caught[-1].json()["type"] == "test"
    catcher.answer = lambda _: Reply(403)
    code, found = asked(world, "test", "team")
    assert (code, found["error"]["code"]) == (1, "alert_refused")
    assert "run_failed" in bookward(world, "alert", "preview", "team").stdout

    code, found = asked(world, "snooze", "customers", "--for", "4h", "--trigger", "run_failed")
    assert (code, found["subject"], found["trigger"]) == (0, "syncs/customers", "run_failed")
    code, found = asked(world, "mute", "destinations/xero")
    assert (code, found["until"]) == (0, None)
    silenced = [(one["subject"], one["trigger"]) for one in asked(world, "state")[1]["silences"]]
    assert silenced == [("destinations/xero", None), ("syncs/customers", "run_failed")]
    assert asked(world, "unmute", "destinations/xero")[0] == 0
    code, found = asked(world, "unmute", "destinations/xero")
    assert (code, found["error"]["code"]) == (2, "name_unknown")
    code, found = asked(world, "mute", "custmers")
    assert (code, "Did you mean 'customers'?" in found["error"]["remedy"]) == (2, True)


def test_words_that_do_not_go_together_are_wrong_usage(world: World) -> None:
    wrong = [
        ("list", "team"),
        ("test",),
        ("snooze", "customers"),
        ("snooze", "customers", "--for", "soon"),
        ("mute", "customers", "--for", "4h"),
        ("state", "--trigger", "quota"),
    ]
    assert [bookward(world, "alert", *words).exit_code for words in wrong] == [2] * len(wrong)
