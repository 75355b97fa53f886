"""Numbers and days as people write them, and the template that brings each into the form that is taken.

Nothing is guessed: 1,500 and 03/04/2026 can be read in two ways, so a person says which, in the mapping.
"""

from __future__ import annotations

import re


def _day(year: int, month: int, day: int) -> str:
    """Return the template of a day by where its parts begin; of nothing it makes nothing."""
    places = (f"{year}, 4", f"{month}, 2", f"{day}, 2")
    parts = "-".join(f"{{{{ day | slice: {place} }}}}" for place in places)
    return f"{{% assign day = COLUMN | strip %}}{{% if day != '' %}}{parts}{{% endif %}}"


_DAY_FIRST = _day(6, 3, 0)
_MONTH_FIRST = _day(6, 0, 3)
_YEAR_FIRST = _day(0, 5, 8)
_WITHOUT_COMMAS = "{{ COLUMN | remove: ',' }}"
_DECIMAL_COMMA = "{{ COLUMN | remove: '.' | replace: ',', '.' }}"

_FORMS = (
    (r"[+-]?[0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[+-]?[0-9]{1,3}(,[0-9]{3}){2,}", (("", _WITHOUT_COMMAS),)),
    (
        r"[+-]?[0-9]{1,3},[0-9]{3}",
        (("where the comma parts thousands", _WITHOUT_COMMAS), ("where it parts decimals", _DECIMAL_COMMA)),
    ),
    (r"[+-]?[0-9]{1,3}(\.[0-9]{3})*,[0-9]+|[+-]?[0-9]+,[0-9]+", (("", _DECIMAL_COMMA),)),
    (r"(1[3-9]|2[0-9]|3[01])[./-](0[1-9]|1[0-2])[./-][0-9]{4}", (("", _DAY_FIRST),)),
    (r"(0[1-9]|1[0-2])[./-](1[3-9]|2[0-9]|3[01])[./-][0-9]{4}", (("", _MONTH_FIRST),)),
    (
        r"(0[1-9]|1[0-2])[./-](0[1-9]|1[0-2])[./-][0-9]{4}",
        (("where the day comes first", _DAY_FIRST), ("where the month does", _MONTH_FIRST)),
    ),
    (r"[0-9]{4}[./](0[1-9]|1[0-2])[./](0[1-9]|[12][0-9]|3[01])", (("", _YEAR_FIRST),)),
)
_KNOWN = tuple((re.compile(form), templates) for form, templates in _FORMS)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def rewriting(text: str, column: str) -> str:
    """Return how a mapping takes a column of numbers or days written like ``text``; "" for other texts."""
    name = column if _PLAIN_NAME.fullmatch(column) and column != "row" else f'row["{column}"]'
    for form, templates in _KNOWN:
        if form.fullmatch(text.strip()):
            found = [f"`{template.replace('COLUMN', name)}`{_said(when)}" for when, template in templates]
            return f"Where all are written so, map a template instead of the column: {', or '.join(found)}."
    return ""


def _said(when: str) -> str:
    return f" {when}" if when else ""
