"""Alerts: whether they arrive, what is not well, and what is silenced. The alerts themselves are files."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import Body, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from bookward.alertdocuments import (
    alert_document,
    message_document,
    rendered_document,
    silence_document,
    standing_document,
)
from bookward.serving import Role
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Subject
from bookward.web.answers import answer, nothing, page
from bookward.web.checking import slowly
from bookward.web.files import app_of
from bookward.web.people import PageSize
from bookward.web.routes import Routes
from bookward.web.session import AccessHere, CallerHere
from bookward.web.shapes import NUMBER, Page, Shape

routes = Routes("alerts")

_Subject = Annotated[
    str,
    Field(
        max_length=250,
        pattern=r"^(syncs|destinations|sources|alerts)/[^/\x00-\x1f]+$",
        examples=["syncs/invoices"],
    ),
]


class AlertShape(Shape):
    """An alert with what became of its messages lately."""

    alert: str
    type: str
    notify: str = Field(description="`warning`: told of everything; `critical`: only of that.")
    waiting: int = Field(description="Messages that are to be sent, now or later.")
    last_sent: str | None
    trouble: str = Field(description="Why the message that is tried did not arrive yet.")
    links_to: str | None = Field(
        description="Where links in its messages lead; null where nobody said where people reach the server."
    )
    links_open: Literal["everywhere", "here", "nowhere"] = Field(
        description="Where they can be opened; `here`: on the server's own machine only."
    )


class MessageShape(Shape):
    """A message with what became of it."""

    id: str
    alert: str
    subject: str
    trigger: Trigger | Literal["digest"] = Field(
        description="`digest`: not of a trouble, but of what was synced."
    )
    level: Level
    at: str
    run: str | None
    state: str = Field(description="waiting, sending, sent, dropped or failed.")
    not_before: str
    attempts: int
    sent_at: str | None
    said: str | None = Field(description="Why the last attempt failed, or why it was dropped.")


class StateShape(Shape):
    """How a trigger of a sync, destination, source or alert stands."""

    subject: str = Field(description="Kind and name of its file, such as `syncs/invoices`.")
    trigger: Trigger
    level: Level
    since: str = Field(description="At this level.")
    began: str = Field(description="When it was last well, or was so before it became well again.")
    episode: str
    message: str
    remedy: str
    run: str | None


class SilenceShape(Shape):
    """What nobody wants to hear of."""

    subject: str
    trigger: Trigger | None = Field(description="Null for all of them.")
    until: str | None = Field(description="Null until somebody ends it.")
    by: str
    at: str


class NewSilence(Shape):
    """What is to be silenced."""

    subject: _Subject
    trigger: Trigger | None = Field(None, description="Only this one; all when left out.")
    minutes: Annotated[int, Field(ge=1, le=60 * 24 * 366), NUMBER] | None = Field(
        None, description="How long (snooze); without an end when left out (mute)."
    )


class RenderedShape(Shape):
    """What would be sent."""

    subject: str
    text: str
    html: str | None
    document: Any = Field(description="The JSON of the request, where it is one.")


class Arrived(Shape):
    """That a message arrived."""

    alert: str
    arrived: bool


@routes.route("GET", "/alerts", needs=Role.VIEWER, gives=Page[AlertShape])
def list_alerts(request: Request) -> Response:
    """List all alerts whose files are good, and whether their messages arrive."""
    return page([alert_document(one) for one in app_of(request).alerts.list()], None)


@routes.route("GET", "/alerts/{slug}/messages", needs=Role.VIEWER, gives=Page[MessageShape])
def list_messages(request: Request, slug: str, limit: PageSize = 100) -> Response:
    """List the newest messages to an alert, with what became of them; also to one that is gone."""
    return page([message_document(one) for one in app_of(request).alerts.messages(slug, limit)], None)


@routes.route("POST", "/alerts/{slug}/test", needs=Role.EDITOR, gives=Arrived, refuses=[404, 501])
def test_alert(request: Request, slug: str, caller: CallerHere, access: AccessHere) -> Response:
    """Send a test message; the answer says that it arrived, or the error why not."""
    with slowly(request), access.audit.around(caller, "alert.test", f"alerts/{slug}"):
        app_of(request).alerts.test(slug)
    return answer({"alert": slug, "arrived": True})


@routes.route("POST", "/alerts/{slug}/preview", needs=Role.VIEWER, gives=RenderedShape, refuses=[404])
def preview_alert(
    request: Request,
    slug: str,
    level: Annotated[Level, Query(description="What the example tells.")] = Level.CRITICAL,
) -> Response:
    """Return what an alert would be sent of a run that failed, or is well again; nothing is sent."""
    return answer(rendered_document(app_of(request).alerts.preview(slug, level)))


@routes.route("GET", "/states", needs=Role.VIEWER, gives=Page[StateShape])
def list_states(
    request: Request,
    well: Annotated[bool, Query(description="Also what is well again; what always was has none.")] = False,
) -> Response:
    """List what is not well, the worst first."""
    return page([standing_document(one) for one in app_of(request).alerts.states(well=well)], None)


@routes.route("GET", "/silences", needs=Role.VIEWER, gives=Page[SilenceShape])
def list_silences(request: Request) -> Response:
    """List what nobody wants to hear of now."""
    return page([silence_document(one) for one in app_of(request).alerts.silences()], None)


@routes.route("POST", "/silences", needs=Role.EDITOR, gives=SilenceShape, status=201, refuses=[404])
def add_silence(
    request: Request, said: Annotated[NewSilence, Body()], caller: CallerHere, access: AccessHere
) -> Response:
    """Hold back what is to be told of a sync, destination, source or alert: for some time, or until ended."""
    time = timedelta(minutes=said.minutes) if said.minutes else None
    with access.audit.around(caller, "alert.silence", said.subject) as after:
        silence = app_of(request).alerts.silence(
            Subject.parse(said.subject), caller.email, trigger=said.trigger, time=time
        )
        document = silence_document(silence)
        after.update(trigger=document["trigger"], until=str(silence.until) if silence.until else None)
    return answer(document, 201)


@routes.route("DELETE", "/silences/{kind}/{slug}", needs=Role.EDITOR, status=204, refuses=[404])
def end_silence(
    request: Request,
    kind: str,
    slug: str,
    caller: CallerHere,
    access: AccessHere,
    trigger: Annotated[Trigger | None, Query(description="That of the silence, if it has one.")] = None,
) -> Response:
    """End a silence; what is still wrong is told."""
    with access.audit.around(caller, "alert.unsilence", f"{kind}/{slug}"):
        app_of(request).alerts.unsilence(Subject(kind, slug), trigger)
    return nothing()
