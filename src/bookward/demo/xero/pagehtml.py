"""Records as HTML: tables of them, and one with everything in it. All text is escaped here."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from html import escape
from typing import Any

from bookward.demo.xero.envelope import Element, read_moment

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; background: Canvas; color: CanvasText; }
h1 { font-size: 1.4rem; margin: .25rem 0 1rem; } h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
a { color: #0b6e99; } nav { font-size: .9rem; } .wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; vertical-align: top;
  border-bottom: 1px solid #8884; }
th { font-weight: 600; color: GrayText; } .n { text-align: right; font-variant-numeric: tabular-nums; }
@media (prefers-color-scheme: dark) { a { color: #6cc3e8; } }
"""
_COLUMNS: Mapping[str, Sequence[str]] = {
    "Accounts": ("Code", "Name", "Type", "TaxType", "Status"),
    "ContactGroups": ("Name", "Status"),
    "Contacts": ("Name", "ContactNumber", "EmailAddress", "ContactStatus"),
    "CreditNotes": ("CreditNoteNumber", "Type", "Contact", "Date", "Total", "RemainingCredit", "CurrencyCode",
                    "Status"),
    "Currencies": ("Code", "Description"),
    "Invoices": ("InvoiceNumber", "Type", "Contact", "Date", "DueDate", "Total", "AmountDue", "CurrencyCode",
                 "Status"),
    "Items": ("Code", "Name", "Description"),
    "Payments": ("Date", "Reference", "Invoice", "Account", "Amount", "Status"),
    "TaxRates": ("Name", "TaxType", "EffectiveRate", "Status"),
    "TrackingCategories": ("Name", "Status"),
}  # fmt: skip
_CALLED_BY = ("Name", "InvoiceNumber", "CreditNoteNumber", "Code")
_HOUSEKEEPING = ("ValidationErrors", "Warnings", "HasErrors", "HasValidationErrors", "StatusAttributeString")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field of the records of a table."""

    name: str
    number: bool

    def cell(self, element: Element) -> str:
        """Return what stands in it for a record, as plain text."""
        return _text(element.get(self.name))


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose cells are plain text, or links."""

    caption: str
    head: Sequence[str]
    lines: Sequence[Sequence[str]]
    numbers: Collection[int] = ()  #: the columns of numbers


class _Link(str):
    """HTML that is not escaped again."""

    __slots__ = ()


def link(address: str, text: str) -> str:
    """Return a link as a cell may hold it."""
    return _Link(f'<a href="{escape(address)}">{escape(text)}</a>')


def columns_of(plural: str, elements: Sequence[Element]) -> list[Column]:
    """Return the fields by which people know the records of a kind."""
    return [
        Column(name=name, number=any(_is_number(element.get(name)) for element in elements))
        for name in _COLUMNS[plural]
    ]


def table(shown: Table) -> str:
    """Return a table, within its own scrolling where it is wide."""
    caption = f"<caption>{escape(shown.caption)}</caption>" if shown.caption else ""
    lines = "".join(_line("td", line, shown.numbers) for line in shown.lines)
    head = _line("th", shown.head, shown.numbers)
    whole = f"<table>{caption}<thead>{head}</thead><tbody>{lines}</tbody></table>"
    return f'<div class="wide">{whole}</div>'


def record_html(element: Element) -> str:
    """Return one record: its own fields, then what it holds lists of."""
    said = {name: value for name, value in element.items() if _says(name, value)}
    own = [[name, _text(value)] for name, value in said.items() if not isinstance(value, list)]
    lists = [_list_html(name, value) for name, value in said.items() if isinstance(value, list)]
    return "".join([table(Table("", ["", ""], own)), *lists])


def page(title: str, body: str, above: Sequence[tuple[str, str]]) -> str:
    """Return a page; ``above`` is where one came from, as address and text."""
    way = " / ".join(link(address, text) for address, text in above)
    note = "This is a local Xero for trying things out. No real organisation is touched."
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><nav>{way}</nav>"
        f"<main><h1>{escape(title)}</h1>{body}</main><p><small>{note}</small></p></body></html>"
    )


def numbers_of(columns: Sequence[Column]) -> Collection[int]:
    """Return the places of the columns of numbers."""
    return {place for place, column in enumerate(columns) if column.number}


def _list_html(name: str, values: Sequence[Any]) -> str:
    if not all(isinstance(value, dict) for value in values):
        return table(Table(name, [""], [[_text(value)] for value in values]))
    names = dict.fromkeys(key for value in values for key in value if _says(key, value[key]))
    columns = [Column(name=key, number=any(_is_number(value.get(key)) for value in values)) for key in names]
    lines = [[column.cell(value) for column in columns] for value in values]
    return table(Table(name, [*names], lines, numbers=numbers_of(columns)))


def _line(tag: str, cells: Sequence[str], numbers: Collection[int]) -> str:
    shown = [
        f"<{tag}{' class=n' if place in numbers else ''}>{_safe(text)}</{tag}>"
        for place, text in enumerate(cells)
    ]
    return f"<tr>{''.join(shown)}</tr>"


def _safe(text: str) -> str:
    return text if isinstance(text, _Link) else escape(text)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Decimal() | float():
            return f"{value:,}"
        case list():
            return "; ".join(map(_text, value))
        case dict():
            return _called(value)
        case str() if value.startswith("/Date(") and (moment := read_moment(value)):
            is_day = moment.time() == time.min
            return moment.date().isoformat() if is_day else moment.isoformat(" ", "seconds")
    return str(value)


def _called(value: Element) -> str:
    """Return what another record is called, or all that is said of it."""
    called = next((value[name] for name in _CALLED_BY if value.get(name)), None)
    said = [f"{name}: {_text(part)}" for name, part in value.items() if _says(name, part)]
    return _text(called) if called else ", ".join(said)


def _says(name: str, value: Any) -> bool:
    return value not in (None, "", [], {}) and name not in _HOUSEKEEPING


def _is_number(value: Any) -> bool:
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)
