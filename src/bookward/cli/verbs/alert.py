"""`bookward alert`."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Mapping
from datetime import timedelta

import rich_click as click

from bookward.cli.command import json_option, verb
from bookward.cli.durations import duration
from bookward.cli.exitcodes import ExitCode
from bookward.cli.session import Session
from bookward.spec.triggers import Trigger
from bookward.standings import Subject

_NAMED = ("test", "preview", "mute", "snooze", "unmute")


@verb(
    "alert",
    examples=(
        ("alert test team", "Sends a test message; says why it does not arrive."),
        ("alert state", "Everything that is not well, and what is silenced."),
        ("alert snooze invoices --for 4h", "Holds back what is to be told of a sync, for four hours."),
    ),
    exits=(ExitCode.OK, ExitCode.FAILED, ExitCode.USAGE),
)
@click.argument(
    "action",
    metavar="list|test|preview|state|snooze|mute|unmute",
    type=click.Choice(["list", "state", *_NAMED]),
)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--for", "time", metavar="TIME", callback=duration, help="How long to snooze: 30m, 4h, 2d.")
@click.option("--trigger", type=click.Choice([str(one) for one in Trigger]), metavar="TRIGGER",
              help="Only of this trigger; of all when left out.")  # fmt: skip
@json_option
@click.pass_obj
def command(
    session: Session, action: str, name: str | None, time: timedelta | None, trigger: str | None
) -> ExitCode:
    """Show who is told what, try it, and silence what is known.

    Alerts are the files of `alerts/`; the project, a destination and a sync name those that are told. `list`
    says whether their messages arrive. NAME is an alert for `test` and for `preview`, which shows a message
    and sends nothing.

    For `snooze`, `mute` (which has no end) and `unmute`, NAME is a sync, or `destinations/NAME`,
    `sources/NAME` or `alerts/NAME`.

    What is silenced goes on being watched. At the end of a silence, what is still wrong is told; what was
    over before is not.
    """
    if (name is None) == (action in _NAMED):
        raise click.UsageError(f"{action} takes {'a NAME' if action in _NAMED else 'no NAME'}.")
    if (time is not None) != (action == "snooze"):
        raise click.UsageError("snooze takes --for, and nothing else does.")
    if trigger is not None and action not in ("mute", "snooze", "unmute"):
        raise click.UsageError("--trigger belongs to mute, snooze and unmute.")
    if name is None:
        return _LISTS[action](session)
    if action in ("test", "preview"):
        return _TRIES[action](session, name)
    return _silence(session, action, Subject.parse(name), time, Trigger(trigger) if trigger else None)


def _list(session: Session) -> ExitCode:
    from bookward.alertdocuments import alert_document
    from bookward.cli.render.alerts import alerts_view

    with session.app() as app:
        found = app.alerts.list()
    if session.json:
        session.terminal.document({"alerts": [alert_document(one) for one in found]})
    else:
        session.terminal.show(*alerts_view(found))
    return ExitCode.OK


def _state(session: Session) -> ExitCode:
    from bookward.alertdocuments import silence_document, standing_document
    from bookward.cli.render.alerts import states_view

    with session.app() as app:
        states, silences = app.alerts.states(), app.alerts.silences()
    if session.json:
        document = {
            "states": [standing_document(one) for one in states],
            "silences": [silence_document(one) for one in silences],
        }
        session.terminal.document(document)
    else:
        session.terminal.show(*states_view(states, silences))
    return ExitCode.OK


def _test(session: Session, name: str) -> ExitCode:
    with session.app() as app:
        app.alerts.test(name)
    if session.json:
        session.terminal.document({"alert": name, "arrived": True})
    else:
        session.terminal.show(f"The channel of {name} has taken a test message.")
    return ExitCode.OK


def _preview(session: Session, name: str) -> ExitCode:
    from bookward.alertdocuments import rendered_document

    with session.app() as app:
        found = app.alerts.preview(name)
    if session.json:
        session.terminal.document(rendered_document(found))
    else:
        session.terminal.text(f"{found.subject}\n\n{found.text.rstrip()}\n")
    return ExitCode.OK


def _silence(
    session: Session, action: str, subject: Subject, time: timedelta | None, trigger: Trigger | None
) -> ExitCode:
    from bookward.alertdocuments import silence_document

    with session.app() as app:
        if action == "unmute":
            app.alerts.unsilence(subject, trigger)
            document, said = {"subject": str(subject), "silenced": False}, f"{subject} is told of again."
        else:
            silence = app.alerts.silence(subject, getpass.getuser(), trigger=trigger, time=time)
            until = f"until {silence.until:%Y-%m-%d %H:%M} UTC" if silence.until else "until it is unmuted"
            document = silence_document(silence) | {"silenced": True}
            said = f"Nobody is told of {subject}{f', {trigger}' if trigger else ''}, {until}."
    if session.json:
        session.terminal.document(document)
    else:
        session.terminal.show(said)
    return ExitCode.OK


_LISTS: Mapping[str, Callable[[Session], ExitCode]] = {"list": _list, "state": _state}
_TRIES: Mapping[str, Callable[[Session, str], ExitCode]] = {"test": _test, "preview": _preview}
