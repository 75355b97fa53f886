"""A message in words: for every channel the same, as plain text or as HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from bookward.alerts.judging import in_words
from bookward.alerts.linking import behind_link
from bookward.spec.triggers import Trigger
from bookward.standings import Level, Message

_CALLED = {
    Trigger.RUN_FAILED: "run failed",
    Trigger.ROWS_REJECTED: "rows not synced",
    Trigger.APPROVAL_WAITS: "a plan waits for approval",
    Trigger.SLOWER: "slower than usual",
    Trigger.NOTHING_CHANGED: "nothing has changed",
    Trigger.ROWS_DROPPED: "far fewer rows",
    Trigger.SCHEDULE_MISSED: "has not run in time",
    Trigger.SIGN_IN: "sign-in",
    Trigger.QUOTA: "calls of the day",
    Trigger.SOURCE_UNREACHABLE: "source unreachable",
    Trigger.ALERT_UNDELIVERED: "alert undelivered",
}
_COLOURS = {Level.OK: "#2e7d32", Level.WARNING: "#b26a00", Level.CRITICAL: "#c62828"}
_NAMED = 5
"""So many syncs that share a trouble are named; the others are counted."""


def headline(messages: Sequence[Message]) -> str:
    """Return one line for messages that go together."""
    if len(messages) == 1:
        return title(messages[0])
    count = {level: sum(message.level is level for message in messages) for level in Level}
    words = {Level.CRITICAL: "critical", Level.WARNING: "warning", Level.OK: "well again"}
    parts = [f"{count[level]} {word}" for level, word in words.items() if count[level]]
    return f"Bookward: {', '.join(parts)}"


def title(message: Message) -> str:
    """Return one line that says what is the matter, and of what."""
    about = f"{message.subject.slug}, {_CALLED[message.trigger]}"
    if message.test:
        return f"Test of the alert {message.alert}"
    if message.level is not Level.OK:
        return f"{message.level.upper()}: {about}"
    return f"Well again: {about}" if message.actual is Level.OK else f"No longer critical: {about}"


def lines(message: Message) -> Iterator[str]:
    """Yield the sentences of a message, the most important first."""
    if message.test:
        yield "This is a test: nothing is wrong, and messages arrive here."
        return
    if message.level is Level.OK:
        after = in_words(message.at - message.began)
        yield f"It lasted {after}. It was: {message.said}" if message.actual is Level.OK else message.said
        return
    yield message.said
    if concerned := concerns(message):
        yield concerned
    if message.remedy:
        yield f"What to do: {behind_link(message.remedy) if message.link else message.remedy}"


def concerns(message: Message) -> str:
    """Return which syncs share the trouble, "" where it is only that of one."""
    if len(message.concerns) < 2:
        return ""
    named, more = message.concerns[:_NAMED], len(message.concerns) - _NAMED
    rest = f" and {more} more" if more > 0 else ""
    return f"It concerns {len(message.concerns)} syncs: {', '.join(named)}{rest}."


def facts(message: Message) -> Iterator[tuple[str, str]]:
    """Yield what else belongs to a message, each with its name."""
    if message.test:
        return
    yield "Since", f"{message.began:%Y-%m-%d %H:%M} UTC"
    if message.run is not None:
        yield "Run", message.run


def text(messages: Sequence[Message]) -> str:
    """Return messages as plain text, without the headline of them all."""
    return "\n\n".join("\n".join(_text(message, alone=len(messages) == 1)) for message in messages) + "\n"


def html(messages: Sequence[Message]) -> str:
    """Return messages as an HTML document that loads nothing."""
    parts = "".join(_html(message) for message in messages)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(headline(messages))}'
        '</title></head><body style="margin:0;padding:16px;font:15px/1.5 sans-serif;color:#222;'
        f'background:#fff">{parts}</body></html>\n'
    )


def _text(message: Message, *, alone: bool) -> Iterator[str]:
    if not alone:
        yield title(message)
    yield from lines(message)
    if message.link:
        yield message.link
    yield from (f"{name}: {value}" for name, value in facts(message))


def _html(message: Message) -> str:
    colour = _COLOURS[message.level]
    said = "".join(f'<p style="margin:8px 0">{escape(line)}</p>' for line in lines(message))
    known = " &middot; ".join(f"{name}: {escape(value)}" for name, value in facts(message))
    button = ""
    if message.link:
        button = (
            f'<p style="margin:12px 0"><a href="{escape(message.link)}" style="display:inline-block;'
            f"padding:8px 14px;border-radius:4px;background:{colour};color:#fff;text-decoration:none"
            f'">{"Show the run" if message.run else "Show it in Bookward"}</a></p>'
        )
    return (
        f'<div style="max-width:640px;margin:0 0 16px;padding:12px 16px;border:1px solid #ddd;'
        f'border-left:6px solid {colour};border-radius:4px"><h1 style="margin:0;font-size:18px;'
        f'color:{colour}">{escape(title(message))}</h1>{said}{button}'
        f'<p style="margin:8px 0 0;font-size:13px;color:#666">{known}</p></div>'
    )
