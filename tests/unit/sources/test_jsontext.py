"""Objects of a list that lies deep in JSON, taken while the text comes in: all of them, or an error."""

from __future__ import annotations

from typing import Any

import pytest

from bookward.sources.jsontext import elements


@pytest.mark.parametrize("size", [1, 7, 1_000])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"a": [{"b": [{"x": 1.10}, {}]}]}', [{"x": "1.10"}, {}]),
        (' {\n"a":[ {"b" : [ ] } ]\n} ', []),
        ('{"a": [{}]}', []),
        ('{"a": [{"b": [{"x": "]}]}"}]}]}', [{"x": "]}]}"}]),
        ("", None),
        ("{}", None),
        ("[]", None),
        ('{"a": []}', None),
        ('{"b": [{}]}', None),
        ('{"a": [{"b": [1]}]}', None),
        ('{"a": [{"b": [{"x": 1}, ]}]}', None),
        ('{"a": [{"b": [{"x": 1}]}]', None),
        ('{"a": [{"b": [{"x": 1}', None),
        ('{"a": [{"b": [{"x": 1}]}, {"b": [{"x": 2}]}]}', None),
        ('{"a": [{"b": [{"x": 1}]}], "c": 1}', None),
        ('{"a": [{"b": [{"x": 1}]}]} {"error": 1}', None),
    ],
)
def test_a_list_within_is_whole_however_it_comes(text: str, found: list[Any] | None, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    if found is not None:
        assert list(elements(pieces, "a", "b")) == found
        return
    with pytest.raises(ValueError, match=r"it (goes on|ends) with"):
        list(elements(pieces, "a", "b"))


def test_what_has_come_is_there_before_the_rest_is_asked_for() -> None:
    def pieces() -> Any:
        yield '{"a": [{"b": [{"x": 1}, {"x"'
        raise AssertionError("too much was asked for")

    assert next(elements(pieces(), "a", "b")) == {"x": "1"}
