"""From a verdict to the messages about it, in the transaction that changes the state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bookward.alerts.quiet import held_until
from bookward.alerts.states import step, todo
from bookward.ids import new_id
from bookward.spec.alert import AlertSpec
from bookward.spec.triggers import Trigger
from bookward.standings import Change, Level, Message, Silence, Standing, Subject, Told, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """Somebody who is to be told."""

    slug: str
    spec: AlertSpec
    concerns: tuple[str, ...] = ()  #: the syncs that share the trouble


class Book(Protocol):
    """Where states and messages are kept, within one transaction."""

    def standing(self, subject: Subject, trigger: Trigger) -> Standing | None: ...
    def put(self, standing: Standing) -> None: ...
    def silences(self) -> Sequence[Silence]: ...
    def told(self, alert: str, subject: Subject, trigger: Trigger) -> Told: ...
    def drop_held(self, alert: str, subject: Subject, trigger: Trigger) -> None: ...
    def post(self, message: Message, not_before: datetime, *, held: bool) -> None: ...


def tell(
    book: Book, verdict: Verdict, now: datetime, recipients: Iterable[Recipient], url: str | None
) -> Change | None:
    """Bring a verdict into the state that it is of; if that changes it, write a message for each recipient.

    Args:
        book: where it is kept.
        verdict: what was found.
        now: this moment.
        recipients: who is told of its subject.
        url: where people reach the server, for links.
    """
    before = book.standing(verdict.subject, verdict.trigger)
    after, change = step(before, verdict, now)
    if after is not None and after != before:
        book.put(after)
    if change is None:
        return None
    was = before.said if before else ""
    for recipient in recipients:
        if _hears_of(recipient, verdict.trigger):
            _tell(book, recipient, change.now, now, was, url)
    return change


def catch_up(
    book: Book, standing: Standing, now: datetime, recipients: Iterable[Recipient], url: str | None
) -> None:
    """Tell what is not well to those who have become its recipients since it is: once in an episode.

    Args:
        book: where it is kept.
        standing: what is not well.
        now: this moment.
        recipients: who is told of its subject.
        url: where people reach the server, for links.
    """
    for recipient in recipients:
        told = book.told(recipient.slug, standing.subject, standing.trigger)
        if _hears_of(recipient, standing.trigger) and told.episode != standing.episode:
            _tell(book, recipient, standing, now, standing.said, url)


def acknowledge(
    book: Book, standing: Standing, who: str, now: datetime, recipients: Iterable[Recipient]
) -> None:
    """Tell the channels that want to know it, and that were told of something, that a person sees to it.

    Args:
        book: where it is kept.
        standing: what is not well.
        who: sees to it.
        now: this moment.
        recipients: who is told of its subject.
    """
    for recipient in recipients:
        told = book.told(recipient.slug, standing.subject, standing.trigger).level
        if not recipient.spec.acknowledges or told is Level.OK:
            continue
        message = _message(recipient, standing, now, told, told)
        book.post(replace(message, acknowledged_by=who), now, held=False)


def _hears_of(recipient: Recipient, trigger: Trigger) -> bool:
    return recipient.spec.triggers is None or trigger in recipient.spec.triggers


def _tell(
    book: Book, recipient: Recipient, standing: Standing, now: datetime, was: str, url: str | None
) -> None:
    slug, about = recipient.slug, (standing.subject, standing.trigger)
    told = book.told(slug, *about)
    wanted = todo(told, standing.level, Level(recipient.spec.notify))
    if wanted.drop:
        book.drop_held(slug, *about)
    if wanted.tell is None:
        return
    message = replace(
        _message(recipient, standing, now, wanted.tell, told.level),
        said=was if standing.level is Level.OK else standing.said,
        link=link_to(url, standing.subject, standing.run),
    )
    until = held_until(recipient.spec.quiet_hours, book.silences(), *about, message.weight, now)
    book.post(message, until or now, held=until is not None)


def _message(recipient: Recipient, standing: Standing, at: datetime, level: Level, before: Level) -> Message:
    return Message(
        id=f"{new_id(at)}-{recipient.slug}",
        alert=recipient.slug,
        level=level,
        actual=standing.level,
        before=before,
        subject=standing.subject,
        trigger=standing.trigger,
        said=standing.said,
        remedy=standing.remedy,
        at=at,
        began=standing.began,
        episode=standing.episode,
        run=standing.run,
        concerns=recipient.concerns,
    )


def link_to(url: str | None, subject: Subject, run: str | None) -> str | None:
    """Return where people see a run, or else a subject; None where it is not known where the server is."""
    if url is None:
        return None
    return f"{url}/runs/{run}" if run is not None else f"{url}/{subject}"
