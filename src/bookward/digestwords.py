"""A digest in words: tables with their titles, which every channel shows in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from bookward.bookings import currency_in_words
from bookward.digests import Digest, Refused


class Link(NamedTuple):
    """A text that leads somewhere, where that is known."""

    text: str
    url: str | None


Cell: TypeAlias = str | int | Decimal | Link
_STATES = {"failed": "failed", "parked": "waits for approval", "interrupted": "was cut off"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of a digest; without rows it is its notes alone."""

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    notes: Sequence[str] = ()


def headline(digest: Digest) -> str:
    """Return one line: whose digest, until when, and what matters most."""
    synced = sum(one.inserted + one.updated + one.removed for one in digest.syncs)
    waiting = sum(one.waiting for one in digest.syncs)
    failed = sum(one.failed for one in digest.syncs)
    parts = [f"{_counted(synced, 'row')} synced"]
    parts += [f"{waiting:,} not"] if waiting else []
    parts += [f"{_counted(failed, 'run')} did not end well"] if failed else []
    until = digest.until.astimezone(ZoneInfo(digest.timezone))
    return f"{digest.project}, {until:%a} {until.day} {until:%b}: {', '.join(parts)}"


def period(digest: Digest) -> str:
    """Return the time that a digest is about."""
    return f"{_moment(digest.since, digest)} to {_moment(digest.until, digest)}, {digest.timezone}"


def sections(digest: Digest) -> Iterator[Section]:
    """Yield the tables of a digest, the most important first."""
    yield _synced(digest)
    for part in (_booked, _refused, _troubles, _calls):
        section = part(digest)
        if section.rows:
            yield section


def _synced(digest: Digest) -> Section:
    busy = [one for one in digest.syncs if not one.idle]
    idle = len(digest.syncs) - len(busy)
    adopted = sum(one.adopted for one in busy)
    notes = [f"{_counted(adopted, 'row')} found in the books as they are, and taken over."] if adopted else []
    if idle:
        others = "other sync" if busy else "sync"
        notes.append(f"{_counted(idle, others)} did not run, and nothing of {_it(idle)} waits.")
    columns = ("Sync", "Runs", "Inserted", "Updated", "Removed", "Not in the books")
    rows = [(one.sync, one.runs, one.inserted, one.updated, one.removed, one.waiting) for one in busy]
    return Section(title="Rows", columns=columns if rows else (), rows=rows, notes=notes)


def _booked(digest: Digest) -> Section:
    columns = ("Organisation", "Object", "Currency", "Inserted", "Updated")
    rows = [
        (one.organisation, one.object, currency_in_words(one.currency), one.inserted, one.updated)
        for one in digest.sums
    ]
    return Section(title="Booked, without added tax", columns=columns, rows=rows)


def _refused(digest: Digest) -> Section:
    columns = ("Sync", "Refused", "Waiting", "Of these parked", "Why")
    rows = [(one.sync, one.rows, one.waiting, one.parked, _why(one)) for one in digest.refused]
    return Section(title="Not synced", columns=columns, rows=rows)


def _troubles(digest: Digest) -> Section:
    columns = ("When", "Sync", "Run", "State", "Why")
    rows = [
        (
            _moment(one.at, digest),
            one.sync,
            Link(one.run, one.link),
            _STATES.get(one.state, one.state),
            one.said,
        )
        for one in digest.troubles
    ]
    more = [f"And {digest.more_troubles:,} more."] if digest.more_troubles else []
    return Section(title="Runs that did not end well", columns=columns, rows=rows, notes=more)


def _calls(digest: Digest) -> Section:
    columns = ("Organisation", "Calls", "Left today")
    rows = [
        (one.organisation, one.calls, one.left if one.left is not None else "not known")
        for one in digest.spent
    ]
    return Section(title="Calls", columns=columns, rows=rows)


def text(digest: Digest) -> str:
    """Return a digest as plain text."""
    parts = ["\n".join([section.title, *table(section), *section.notes]) for section in sections(digest)]
    return "\n\n".join(filter(None, [period(digest), *parts, digest.link])) + "\n"


def table(section: Section) -> Iterator[str]:
    """Yield the lines of a section's table, in columns of one width; the last may be of any."""
    if not section.rows:
        return
    lines = [section.columns, *(list(map(shown, row)) for row in section.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    right = numbers(section)
    for line in lines:
        cells = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, right, strict=True)
        ]
        yield "  ".join(cells).rstrip()


def html(digest: Digest) -> str:
    """Return a digest as an HTML document that loads nothing."""
    parts = "".join(_html(section) for section in sections(digest))
    button = ""
    if digest.link:
        button = (
            f'<p style="margin:20px 0 0"><a href="{escape(digest.link)}" style="display:inline-block;'
            'padding:8px 14px;border-radius:4px;background:#2f5d8a;color:#fff;text-decoration:none">'
            "Show it in Bookward</a></p>"
        )
    title = escape(headline(digest))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
        '<body style="margin:0;padding:16px;font:15px/1.5 sans-serif;color:#222;background:#fff">'
        f'<div style="max-width:720px"><h1 style="margin:0;font-size:18px">{title}</h1>'
        f'<p style="margin:4px 0 0;font-size:13px;color:#666">{escape(period(digest))}</p>'
        f"{parts}{button}</div></body></html>\n"
    )


def _html(section: Section) -> str:
    right = numbers(section)
    heads = "".join(
        f'<th style="{_cell_style(number)};white-space:normal;color:#666;font-weight:600">{escape(name)}</th>'
        for name, number in zip(section.columns, right, strict=True)
    )
    lines = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_cell_style(number)}">{_html_cell(cell)}</td>'
            for cell, number in zip(row, right, strict=True)
        )
        + "</tr>"
        for row in section.rows
    )
    grid = f'<table style="border-collapse:collapse;font-size:14px"><tr>{heads}</tr>{lines}</table>'
    notes = "".join(
        f'<p style="margin:6px 0 0;font-size:13px;color:#666">{escape(note)}</p>' for note in section.notes
    )
    title = f'<h2 style="margin:22px 0 4px;font-size:15px">{escape(section.title)}</h2>'
    return title + (grid if section.rows else "") + notes


def _html_cell(cell: Cell) -> str:
    said = escape(shown(cell))
    if isinstance(cell, Link) and cell.url is not None:
        return f'<a href="{escape(cell.url)}" style="color:#2f5d8a">{said}</a>'
    return said


def _cell_style(number: bool) -> str:
    where = "right;white-space:nowrap" if number else "left"
    return f"padding:5px 14px 5px 0;border-bottom:1px solid #ddd;vertical-align:top;text-align:{where}"


def numbers(section: Section) -> list[bool]:
    """Return, by column, whether it stands to the right."""
    columns = zip(*section.rows, strict=True)
    return [any(isinstance(cell, int | Decimal) for cell in column) for column in columns]


def shown(cell: Cell) -> str:
    """Return a cell as people read it; of an amount no digit is left out."""
    if isinstance(cell, Link):
        return cell.text
    if isinstance(cell, Decimal):
        return f"{cell:,.2f}" if cell == round(cell, 2) else f"{cell:,f}"
    return f"{cell:,}" if isinstance(cell, int) else " ".join(cell.split())


def _why(one: Refused) -> str:
    return f"{one.said} ({one.code})" if one.said else one.code


def _moment(at: datetime, digest: Digest) -> str:
    there = at.astimezone(ZoneInfo(digest.timezone))
    return f"{there:%a} {there.day} {there:%b %H:%M}"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _it(number: int) -> str:
    return "it" if number == 1 else "them"
