"""Alerts as files of a project: what may stand in them, who refers to them, and what is said otherwise."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydantic import TypeAdapter, ValidationError

from bookward.project.hiding import hidden_text
from bookward.project.plainsecrets import plain_secrets
from bookward.project.project import Project
from bookward.spec.alert import ALERT_SPECS, PagerDutySpec, WebhookSpec
from bookward.spec.triggers import DEFAULTS, Trigger, Triggers
from tests.unit.project.folders import GOOD, said

Build = Callable[..., Project]

PAGER = "type: pagerduty\nrouting_key: ${PAGER_KEY}\n"
HOOK = "type: webhook\nurl: https://example.com/hook\nsecret: ${HOOK_SECRET}\n"
SYNC = GOOD["syncs/users.yaml"]
MAIL = "type: email\nhost: h\nsender: a@example.com\nto: a@example.com\n"
ENVIRON = {"PAGER_KEY": "k" * 32, "HOOK_SECRET": "hush"}


def test_an_alert_is_read_by_its_type_and_named_by_all_that_may_name_it(project_with: Build) -> None:
    files = {
        "alerts/pager.yaml": PAGER,
        "alerts/hook.yaml": HOOK,
        "project.yaml": "name: Test\nalerts: hook\ntriggers: {rows_rejected: {warning: 5}}\n",
        "syncs/users.yaml": SYNC + "alerts: [pager, hook]\ntriggers: {run_failed: off}\n",
    }
    project = project_with(files, ENVIRON)
    assert project.problems == ()
    assert project.spec is not None
    assert (project.spec.alerts, project.syncs["users"].alerts) == (["hook"], ["pager", "hook"])
    pager, hook = project.alerts["pager"], project.alerts["hook"]
    assert isinstance(pager, PagerDutySpec)
    assert isinstance(hook, WebhookSpec)
    assert (pager.routing_key.get_secret_value(), hook.secret.get_secret_value()) == ("k" * 32, "hush")
    assert "hush" not in repr(project.alerts)
    assert project.syncs["users"].triggers.run_failed == "off"


def test_a_name_that_no_alert_has_is_told_where_it_stands(project_with: Build) -> None:
    files = {
        "alerts/pager.yaml": PAGER,
        "project.yaml": "name: Test\nalerts: [pager, pagr]\n",
        "destinations/xero.yaml": GOOD["destinations/xero.yaml"] + "alerts: pgaer\n",
        "syncs/users.yaml": SYNC + "alerts:\n  - nobody\n",
    }
    problems = said(project_with(files, ENVIRON))
    lines = [problem.partition(": ")[2] for problem in problems]
    assert lines == [
        "There is no alert 'pgaer'. Did you mean 'pager'?",
        "There is no alert 'pagr'. Did you mean 'pager'?",
        "There is no alert 'nobody'.",
    ]
    assert problems[1].startswith("project.yaml:2:17")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("type: pigeon\n", "There is no type 'pigeon'."),
        ("type: pagerduty\n", "The key 'routing_key' is missing."),
        (PAGER + "chanel: x\n", "Unknown key 'chanel'."),
        (PAGER + "notify: info\n", "notify"),
        (PAGER + "triggers: [run_faild]\n", "run_faild"),
        (PAGER + 'quiet_hours: [{begin: "22:00", end: "22:00"}]\n', "Quiet hours do not end when they begin"),
        (PAGER + "routing_key: ${NOBODY}\n", "stands here a second time"),
        (PAGER.replace("PAGER_KEY", "NOBODY"), "${NOBODY} is not set"),
        ("type: email\nhost: h\nsender: a@b.c\nto: []\n", "to"),
        (
            MAIL + "security: none\nuser: u\npassword: ${PAGER_KEY}\n",
            "A password is not sent without encryption",
        ),
    ],
)
def test_what_is_wrong_with_an_alert_is_told_and_keeps_nothing_else_from_loading(
    project_with: Build, text: str, told: str
) -> None:
    project = project_with({"alerts/pager.yaml": text}, ENVIRON)
    assert told in " ".join(said(project))
    assert all(problem.path == "alerts/pager.yaml" for problem in project.problems)
    assert (project.alerts, set(project.syncs)) == ({}, {"users"})


@pytest.mark.parametrize(
    "text",
    [
        "type: pagerduty\nrouting_key: hunter2\n",
        "type: slack\ntoken: hunter2\nchannel: C1\n",
        "type: slack_webhook\nwebhook_url: https://hooks.example.com/services/hunter2\n",
        "type: apprise\nsecret_url: tgram://hunter2/1\n",
        "type: sms\naccount: AC1\ntoken: hunter2\nsender: '+641'\nto: '+642'\n",
        "type: webhook\nurl: https://example.com\nsecret: hunter2\n",
    ],
)
def test_a_secret_that_stands_in_the_file_is_warned_of_and_never_shown(
    project_with: Build, text: str
) -> None:
    project = project_with({"alerts/loud.yaml": text})
    (warning,) = plain_secrets(project)
    assert (warning.path, warning.line) == ("alerts/loud.yaml", text[: text.index("hunter2")].count("\n") + 1)
    assert "hunter2" not in f"{warning} {hidden_text(text)}"


@pytest.mark.parametrize(
    ("slug", "name"), [("pager", "PAGER"), ("2nd", "_2ND"), ("bookward", "_BOOKWARD")], ids=str
)
def test_the_name_that_a_secret_is_to_have_is_one_that_files_may_take(
    project_with: Build, slug: str, name: str
) -> None:
    path = f"alerts/{slug}.yaml"
    (warning,) = plain_secrets(project_with({path: PAGER.replace("${PAGER_KEY}", "k" * 32)}))
    assert f"Write ${{{name}_ROUTING_KEY}} in its place" in warning.remedy
    said_so = PAGER.replace("PAGER_KEY", f"{name}_ROUTING_KEY")
    assert project_with({path: said_so}, {f"{name}_ROUTING_KEY": "k" * 32}).problems == ()


@pytest.mark.parametrize(
    ("value", "good"),
    [
        ({"run_failed": {"warning": 1, "critical": 3}}, True),
        ({"run_failed": {"critical": 1}, "rows_rejected": {"warning": 1, "critical": "10%"}}, True),
        ({"rows_rejected": {"warning": "20%", "critical": "10%"}}, False),
        ({"run_failed": {"warning": 3, "critical": 2}}, False),
        ({"run_failed": {}}, False),
        ({"run_failed": "off", "slower": {"warning": 1.5}}, True),
        ({"slower": {"warning": 1}}, False),
        ({"approval_waits": {"warning": "0m", "critical": "1d"}}, True),
        ({"approval_waits": {"warning": "2h", "critical": "90m"}}, False),
        ({"approval_waits": {"warning": "soon"}}, False),
        ({"sign_in": {"warning": "7d", "critical": "1d"}}, True),
        ({"sign_in": {"warning": "1d", "critical": "7d"}}, False),
    ],
)
def test_thresholds_make_sense_or_are_refused(value: object, good: bool) -> None:
    read = TypeAdapter(Triggers).validate_python
    if good:
        assert read(value).model_dump(exclude_none=True) == value
    else:
        with pytest.raises(ValidationError):
            read(value)


def test_every_trigger_has_a_default_or_nothing_to_set() -> None:
    said_by_default = set(DEFAULTS.model_dump(exclude_none=True))
    assert said_by_default == set(Triggers.model_fields)
    assert {*said_by_default, Trigger.ALERT_UNDELIVERED} == set(Trigger)
    assert all(spec.model_fields["type"].annotation.__args__ == (name,) for name, spec in ALERT_SPECS.items())
