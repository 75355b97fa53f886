from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bookward.engine import templates
from bookward.errors import TemplateFailed

ROW: dict[str, Any] = {
    "name": "Ann",
    "nothing": None,
    "amount": Decimal("1E+2"),
    "price": Decimal("12.30"),
    "share": 0.1,
    "count": 7,
    "yes": True,
    "day": date(2026, 1, 31),
    "moment": datetime(2026, 1, 31, 10, tzinfo=UTC),
    "tags": ["a", None, Decimal("1.0")],
    "people": [{"mail": "x@example.com"}, {"mail": "y@example.com"}],
    "html": "<b>&</b>",
    "blob": b"\x00",
    "Odd name": "odd",
    "first": "F",
    "row": "R",
}


def render(source: str, **values: Any) -> str:
    template = templates.parse(source)
    assert template.faults == ()
    return template.render({**ROW, **values}, "Name")


def failure(source: str, **values: Any) -> str:
    with pytest.raises(TemplateFailed) as raised:
        render(source, **values)
    assert raised.value.field == "Name"
    return raised.value.message


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ name }} & {{ price }}", "Ann & 12.30"),
        ("{{ amount }}|{{ share }}|{{ count }}|{{ yes }}|{{ nothing }}|", "100|0.1|7|true||"),
        ("{{ day }} {{ moment }}", "2026-01-31 2026-01-31T10:00:00Z"),
        ("{{ html }}", "<b>&</b>"),
        ('{{ row["Odd name"] }} {{ row.first }} {{ row.row }}', "odd F R"),
        ("{{ name | append: nothing }}{{ name | prepend: yes }}", "AnntrueAnn"),
        ("{{ tags | join: '-' }}", "a--1.0"),
        ("{{ people | map: 'mail' | first }}", "x@example.com"),
        ("{% for tag in tags %}[{{ tag }}]{% endfor %}", "[a][][1.0]"),
        ("{% if price == 12.3 and price > 12.29 %}{{ name | upcase }}{% endif %}", "ANN"),
        ("{% assign both = name | append: '!' %}{{ both }}", "Ann!"),
        ("{% liquid\n  echo name\n  echo price\n%}", "Ann12.30"),
        ("{{ nothing | default: 'none' }}", "none"),
        ("{{ name | truncate: 3 }}{{ 'abcdef' | truncate: 4 }}{{ name | truncate: 2 }}", "Anna....."),
        ("{{ day | date: '%d.%m.%Y' }} {{ moment | date: '%H:%M' }}", "31.01.2026 10:00"),
        ("{{ nothing | date: '%Y' }}", ""),
        ("{% raw %}{{ name }}{% endraw %}", "{{ name }}"),
        ("", ""),
    ],
)
def test_a_template_writes_what_the_row_says(source: str, text: str) -> None:
    assert render(source) == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ price | times: 1.1 }}", "13.530"),
        ("{{ price | plus: '0.7' }}", "13.00"),
        ("{{ share | plus: 0.2 }}", "0.3"),
        ("{{ price | minus: count }}", "5.30"),
        ("{{ count | divided_by: 2 }} {{ count | times: 1.0 | divided_by: 2 }}", "3 3.5"),
        ("{{ amount | divided_by: 3 | round: 2 }}", "33.33"),
        ("{{ 2.5 | round }} {{ 0.125 | round: 2 }} {{ price | ceil }}", "3 0.13 13"),
        ("{{ price | at_least: 20 }} {{ price | at_most: 10 }}", "20 10"),
        ("{{ nothing | times: 5 }}", ""),
    ],
)
def test_sums_in_templates_are_exact(source: str, text: str) -> None:
    assert render(source) == text


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("{{ name | plus: 1 }}", "not a number in plain digits"),
        ("{{ price | divided_by: 0 }}", "division by zero"),
        ("{{ tags }}", "a list is not text"),
        ("{{ blob }}", "binary data"),
        ("{{ blob | size }}", "binary data"),
        ("{{ name | date: '%Y' }}", "not a moment"),
        ("{{ 'now' | date: '%Y' }}", "not a moment"),
        ("{{ day | date: '%s' }}", "depends on the machine"),
        ("{% if nothing %}{% assign x = 1 %}{% endif %}{{ x }}", "'x' is undefined"),
        ("{{ absent }}", "the row has no column 'absent'"),
        ("{{ now }}", "the row has no column 'now'"),
        ("{{ name | upcase: 1, 2 }}", "upcase"),
        ("{{ name.size.x }}", "undefined"),
    ],
)
def test_what_does_not_suit_the_row_fails_by_name(source: str, reason: str) -> None:
    message = failure(source)
    assert message.startswith("Name: the template failed: ")
    assert reason in message


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in (1..10000) %}{% for j in (1..10000) %}x{% endfor %}{% endfor %}",
        "{% for i in (1..10000) %}0123456789abcdef{% endfor %}",
        "{% assign s = 'ab' %}{% for i in (1..9000) %}{% assign s = s | append: s %}{% endfor %}",
        "{% assign n = 9 %}{% for i in (1..9000) %}{% assign n = n | times: n %}{% endfor %}",
        "{{ long | replace: '', long }}",
        "{{ long | split: '' | join: long }}",
    ],
)
def test_a_template_that_grows_without_end_is_stopped(source: str) -> None:
    failure(source, long="x" * 60_000)


def test_a_short_row_fails_instead_of_reading_something_else() -> None:
    with pytest.raises(TemplateFailed, match="no column 'today'"):
        templates.parse("{{ today | upcase }}").render({}, "Name")


@pytest.mark.parametrize(
    ("source", "columns"),
    [
        ("{{ b }} {{ a | append: c }} {{ b }}", ("b", "a", "c")),
        ('{{ row["Odd name"] }}{{ row.size }}', ("Odd name", "size")),
        ("{% for tag in tags %}{{ tag }}{{ forloop.index }}{{ sep }}{% endfor %}", ("tags", "sep")),
        ("{% assign x = a %}{{ x }}", ("a",)),
        ("{% if a == b %}{{ c }}{% elsif d %}{% endif %}", ("a", "b", "c", "d")),
    ],
)
def test_the_columns_of_a_template_are_known_without_a_row(source: str, columns: tuple[str, ...]) -> None:
    assert set(templates.parse(source).columns) == set(columns)


@pytest.mark.parametrize(
    ("source", "line", "column", "message", "remedy"),
    [
        ("{{ name", 1, 1, "This is not Liquid: expected '}}'", "Correct"),
        ("{{ name }}\n  {{ last | }}", 2, 6, "This is not Liquid: expected word", "Correct"),
        ("{% if name %}", 1, 14, "This is not Liquid: expected tag endif", "Correct"),
        ("{{ name | upcse }}", 1, 11, "There is no filter 'upcse'.", "Did you mean 'upcase'?"),
        ("{% include 'x' %}", 1, 4, "This is not Liquid: unexpected tag 'include'", "Correct"),
        ("{% render 'x' %}", 1, 4, "This is not Liquid: unexpected tag 'render'", "Correct"),
        ("{{ row }}", 1, 4, "Which column this reads", "Name the column"),
        ("{{ row[name] }}", 1, 4, "Which column this reads", "Name the column"),
        ("{{ [name] }}", 1, 4, "Which column this reads", "Name the column"),
        ("{% for i in (1..1000000000) %}{% endfor %}", 1, 13, "The range (1..1000000000)", "at most 10000"),
        ("{{ (1..count) | join }}", 1, 4, "The range (1..count)", "Write both ends as numbers"),
    ],
)
def test_faults_are_found_without_a_row(
    source: str, line: int, column: int, message: str, remedy: str
) -> None:
    fault = templates.parse(source).faults[0]
    assert (fault.line, fault.column) == (line, column)
    assert message in fault.message
    assert remedy in fault.remedy


def test_a_faulty_template_is_not_rendered() -> None:
    with pytest.raises(TemplateFailed):
        templates.parse("{{ name").render(ROW, "Name")
