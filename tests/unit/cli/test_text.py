from __future__ import annotations

import unicodedata
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.cli.render.calls import pretty
from bookward.cli.render.text import clean, clean_lines, counted, duration, plain


@given(st.text())
def test_clean_text_is_one_line_without_controls(text: str) -> None:
    cleaned = clean(text)
    assert not {unicodedata.category(letter) for letter in cleaned} & {"Cc", "Cs", "Zl", "Zp"}
    assert clean(cleaned) == cleaned


@given(st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"])))
def test_ordinary_text_of_any_language_stays_as_it_is(text: str) -> None:
    assert clean(text) == text


@given(st.binary())
def test_any_body_can_be_shown(body: bytes) -> None:
    assert "\x1b" not in pretty(body)


def test_lines_stay_lines() -> None:
    assert clean_lines("a\x1b\n  b\r\nc") == "a␛\n  b\nc"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (42, "42 s"), (600, "10 min"), (7260, "2 h 01 min")],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said
    assert duration(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (True, "true"), (Decimal("1E+3"), "1000"), (b"abc", "3 bytes"), ("x", "x"), (1.5, "1.5")],
)
def test_values_as_a_person_writes_them(value: object, said: str) -> None:
    assert plain(value) == said


def test_counts() -> None:
    assert counted(1, "row") == "1 row"
    assert counted(12345, "row") == "12,345 rows"
    assert counted(2, "match", "matches") == "2 matches"
