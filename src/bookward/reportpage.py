"""The report of a run as one HTML page that needs nothing beside it, on the screen and on paper."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from html import escape
from typing import TypeAlias

import msgspec

from bookward import __version__
from bookward.app import Report, Run
from bookward.bookings import currency_in_words

Cell: TypeAlias = str | int | Decimal | None

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #666 }
@media (prefers-color-scheme: dark) { :root { --soft: #aaa } }
body { font: 14px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
p { margin: .25rem 0 } .soft { color: var(--soft) } .bad { color: #c62828; font-weight: 600 }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 600; color: var(--soft) }
th, td { padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
td { overflow-wrap: anywhere } code, pre { font: 12px/1.5 ui-monospace, monospace }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid var(--line); padding: .75rem }
@media print {
  body { max-width: none; margin: 0; font-size: 11px }
  tr { break-inside: avoid } thead { display: table-header-group }
}
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head>
<body><main>
{parts}</main></body></html>
"""

POLICY = (
    "default-src 'none'; style-src 'sha256-"
    f"{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy under which the page looks as it should and can do nothing."""


def report_page(report: Report, made_at: datetime) -> str:
    """Return the page; what it shows of rows and records may come from anywhere, and is escaped."""
    parts = [
        *_head(report, made_at),
        *_section("What was booked", _booked(report)),
        *_section("What became of the rows", _happened(report)),
        *_section("Not synced", _not_synced(report)),
        *_section("Calls", _called(report)),
        *_section("How it was configured", _configured(report)),
        *_section("Checksum", _checksum(report)),
    ]
    title = f"Run {report.run.id} of {report.run.sync}"
    return _PAGE.format(title=escape(title), style=_STYLE, parts="".join(parts))


def _head(report: Report, made_at: datetime) -> Iterator[str]:
    run = report.run
    yield f"<h1>{escape(run.sync)}</h1>\n"
    yield f'<p class="soft">Run {escape(run.id)}</p>\n'
    counts = run.counts
    facts: list[tuple[str, Cell]] = [
        ("Books", run.organisation_name or run.organisation or "-"),
        ("State", _state(report)),
        ("Begun", f"{_moment(run.started_at)}, {_who(run)}"),
        ("Ended", _moment(run.finished_at) if run.finished_at else "-"),
        ("Plan", run.plan or "-"),
        ("Rows in the model", counts.get("rows_read")),
        ("Calls", counts.get("calls")),
        ("Report made", f"{_moment(made_at)} by Bookward {__version__}"),
    ]
    yield from _table((), [fact for fact in facts if fact[1] is not None])
    if run.error_message:
        yield f'<p class="bad">{escape(run.error_message)}</p><p>{escape(run.error_remedy or "")}</p>\n'
    if report.plan:
        plan = report.plan
        yield from (f"<p>{escape(said)}</p>\n" for said in (*plan.tripped, plan.grave, *plan.notes) if said)


def _booked(report: Report) -> Iterator[str]:
    if not report.booked:
        yield _soft("No money: the run wrote no amounts, or none that was accepted.")
        return
    totals: dict[tuple[str, str], Decimal] = {}
    for each in report.booked:
        key = each.kind, each.currency
        totals[key] = totals.get(key, Decimal()) + each.amount
    yield from _table(
        ("What", "Account", "Postings", "Currency", "Amount without added tax"),
        [
            (
                _kind(b.kind),
                b.account or "(the item's own)",
                b.postings,
                currency_in_words(b.currency),
                b.amount,
            )
            for b in report.booked
        ],
    )
    yield from _table(
        ("In all", "Currency", "Amount without added tax"),
        [(_kind(kind), currency_in_words(currency), amount) for (kind, currency), amount in totals.items()],
    )
    yield _soft("Updated records are counted with what they say now, not with the difference.")


def _happened(report: Report) -> Iterator[str]:
    if not report.happened:
        yield _soft("Nothing was to be done about any row.")
        return
    yield from _table(("To be done", "Outcome", "Rows"), report.happened)


def _not_synced(report: Report) -> Iterator[str]:
    if not report.not_synced:
        yield _soft("None.")
        return
    yield from _table(
        ("Row", "Outcome", "Why", "What to do"),
        [
            (row.key, row.status, f"{row.message or ''} ({row.code})" if row.code else "", row.remedy)
            for row in report.not_synced
        ],
    )
    if more := report.not_synced_rows - len(report.not_synced):
        yield _soft(f"And {more:,} more: `bookward rows {report.run.id} --limit 0` lists them.")


def _called(report: Report) -> Iterator[str]:
    if not report.called:
        yield _soft("None, or they are no longer kept.")
        return
    yield from _table(
        ("Call", "Answer", "Times"),
        [(f"{each.method} {each.address}", str(each.status or "none"), each.calls) for each in report.called],
    )


def _configured(report: Report) -> Iterator[str]:
    yield f"<pre>{escape(msgspec.json.format(report.config, indent=2))}</pre>\n"


def _checksum(report: Report) -> Iterator[str]:
    yield f"<p><code>{report.digest}</code></p>\n"
    yield _soft(
        "SHA-256 over the run, its configuration, and every row, booking and call that is kept. "
        f"`bookward report {report.run.id} --json` reckons it anew: the same as long as nothing was changed "
        "or forgotten."
    )


def _kind(kind: str) -> str:
    return {"insert": "Created", "update": "Updated", "replace": "Replaced"}.get(kind, kind)


def _section(title: str, parts: Iterable[str]) -> Iterator[str]:
    yield f"<h2>{escape(title)}</h2>\n"
    yield from parts


def _table(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Iterator[str]:
    columns_of = zip(*rows, strict=True)
    marks = [_class(all(isinstance(cell, int | Decimal) for cell in cells)) for cells in columns_of]
    yield "<table>"
    if columns:
        heads = (f"<th{mark}>{escape(name)}</th>" for name, mark in zip(columns, marks, strict=True))
        yield f"<thead><tr>{''.join(heads)}</tr></thead>"
    yield "<tbody>\n"
    for row in rows:
        cells = (f"<td{mark}>{escape(_shown(cell))}</td>" for cell, mark in zip(row, marks, strict=True))
        yield f"<tr>{''.join(cells)}</tr>\n"
    yield "</tbody></table>\n"


def _class(is_number: bool) -> str:
    return ' class="number"' if is_number else ""


def _shown(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:,.2f}" if cell == round(cell, 2) else f"{cell:,f}"
    return f"{cell:,}" if isinstance(cell, int) else cell or ""


def _soft(text: str) -> str:
    return f'<p class="soft">{escape(text)}</p>\n'


def _state(report: Report) -> str:
    state = report.run.state.value
    return "done in part" if state == "done" and report.not_synced_rows else state


def _who(run: Run) -> str:
    why = run.reason or "of which nobody kept why"
    said = f"{why}, {run.asked_by}" if run.asked_by else why
    return f"{said}; the plan was made by {run.plan_made_by}" if run.plan_made_by else said


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
