from __future__ import annotations

from decimal import Decimal

import pytest

from bookward.project.yamlfile import MOST_LEVELS, parse_yaml


def problems(text: str) -> list[tuple[int, int, str]]:
    return [(p.line, p.column, p.message) for p in parse_yaml(text, "x.yaml")[1]]


def plain(text: str) -> object:
    document, found = parse_yaml(text, "x.yaml")
    assert document is not None
    assert found == []
    return document.root.plain()


def test_scalars_become_plain_python_and_money_stays_exact() -> None:
    text = "a: 1\nb: 1.50\nc: -0.10\nd: true\ne: ~\nf: text\ng: 1e2\nh: FALSE\ni: -3\n"
    assert plain(text) == {
        "a": 1,
        "b": Decimal("1.50"),
        "c": Decimal("-0.10"),
        "d": True,
        "e": None,
        "f": "text",
        "g": Decimal("1e2"),
        "h": False,
        "i": -3,
    }
    assert str(plain("b: 1.50")["b"]) == "1.50"


@pytest.mark.parametrize(
    "text",
    ["0200", "+64", "0x1F", "0o17", "1_000", "yes", "no", "on", "off", "2026-01-31", ".nan", ".inf", "12:30"],
)
def test_what_could_be_a_code_stays_text(text: str) -> None:
    assert plain(f"a: {text}") == {"a": text}


def test_quotes_make_text() -> None:
    assert plain("a: '5'\nb: \"true\"\nc: !!str 7\nd: ''") == {"a": "5", "b": "true", "c": "7", "d": ""}


def test_keys_are_always_text() -> None:
    assert plain("1: a\ntrue: b\nyes: c\nnull: d") == {"1": "a", "true": "b", "yes": "c", "null": "d"}


def test_aliases_repeat_a_value() -> None:
    assert plain("a: &x {b: [1, 2]}\nc: *x") == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}


def test_places_are_those_of_keys_and_values() -> None:
    document, _ = parse_yaml("fields:\n  Phones:\n    - Number:  phone\n", "x.yaml")
    assert document is not None
    where = ("fields", "Phones", 0, "Number")
    assert document.key_place(where) == (3, 7)
    assert document.value_place(where) == (3, 16)
    assert document.key_place((*where, "more")) == (3, 7)
    assert document.key_place(("fields", "Nothing", "here")) == (1, 1)
    assert document.value_place(("fields",)) == (1, 1)


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a:\n\tb: 1", 2, 1, "A tab stands where YAML wants spaces."),
        ("a: 1\n\tb: 2", 2, 1, "A tab stands where YAML wants spaces."),
        ("a: 1\nb: 2\na: 3", 3, 1, "The key 'a' stands here a second time; the first is on line 1."),
        ("a:\n  b: 1\n  b: 1", 3, 3, "The key 'b' stands here a second time; the first is on line 2."),
        ("a: {b: c", 1, 4, "The { that opens here is not closed."),
        ("a: [b, c", 1, 4, "The [ that opens here is not closed."),
        ("a: 'b", 1, 4, "The quote that opens here is not closed."),
        ('a: "b\n', 1, 4, "The quote that opens here is not closed."),
        ("fields:\n  Name: name\n  Ema", 3, 3, "This line is neither 'key: value' nor '- item'."),
        ("nam\ntype: x", 1, 1, "The file begins with a text without a key, not with 'key: value'."),
        ("a: b: c", 1, 5, "A colon stands where no key can begin."),
        ("a: - b", 1, 4, "A list cannot begin on the line of its key."),
        ("a:\n  b: 1\n c: 2", 3, 2, "The indentation of this line does not fit the lines above it."),
        ("a: 'it's'", 1, 8, "Text follows a value that has ended."),
        ("a: @b", 1, 4, "A value cannot begin with @ unless it stands in quotes."),
        ("a: %b", 1, 4, "A value cannot begin with % unless it stands in quotes."),
        ('a: "C:\\q"', 1, 8, "This text in double quotes holds a backslash that means nothing."),
        ("a: *nowhere", 1, 4, "There is no anchor &nowhere above this place."),
        ("a: &a [*a]", 1, 8, "There is no anchor &a above this place."),
        ("a: 1\n---\nb: 2", 2, 1, "A second document begins here."),
        ("- a\n- b", 1, 1, "The file begins with a list, not with 'key: value'."),
        ("", 1, 1, "x.yaml is empty."),
        ("# only a comment\n", 1, 1, "x.yaml is empty."),
        ("a: !!python/object:os.system x", 1, 4, "The tag 'tag:yaml.org,2002:python/object:os.system' means"),
        ("<<: {a: 1}", 1, 1, "Merge keys (<<) are not part of YAML 1.2."),
        ("? [a]\n: b", 1, 3, "A key must be a plain text."),
        ("a: 1e999999999", 1, 4, "The number 1e999999999 is too long."),
        (f"a: {'9' * 5000}", 1, 4, "The number 999999"),
        ('a: "\\ud800"', 1, 4, "This text holds a character that does not exist."),
        ('a: "\\0"', 1, 4, "This text holds a character that does not exist."),
        ('a: "\\UFFFFFFFF"', 1, 1, "YAML cannot be read after this place."),
        ("%YAML 9.9\n---\na: b", 1, 1, "This asks for a version of YAML that does not exist."),
        ("{a: 1}}", 1, 7, "Something follows the end of the document."),
    ],
)
def test_what_cannot_be_read_is_said_at_its_place(text: str, line: int, column: int, message: str) -> None:
    [(at_line, at_column, found)] = problems(text)
    assert (at_line, at_column) == (line, column)
    assert found.startswith(message)


@pytest.mark.parametrize(
    "text", ["template: {{ a }} b", "template: {{ a }}", "x:\n  template: {{ a }}{{ b }}"]
)
def test_a_template_without_quotes_is_recognised(text: str) -> None:
    [(_, _, message)] = problems(text)
    assert message.startswith("A value that begins with {{ must stand in quotes")


def test_merge_conflict_is_named_once_with_its_line() -> None:
    text = "a: 1\n<<<<<<< HEAD\nb: 1\n||||||| base\nb: 0\n=======\nb: 2\n>>>>>>> other\n"
    assert problems(text) == [(2, 1, "This line is a merge conflict marker (<<<<<<<).")]


@pytest.mark.parametrize("marker", ["=======", ">>>>>>>"])
def test_conflict_markers_left_alone_are_named(marker: str) -> None:
    assert problems(f"a: 1\n{marker}\n") == [(2, 1, f"This line is a merge conflict marker ({marker}).")]


def test_every_duplicate_is_told_and_the_first_value_kept() -> None:
    document, found = parse_yaml("a: 1\na: 2\nb: 1\nb: 2\n", "x.yaml")
    assert [p.line for p in found] == [2, 4]
    assert document is not None
    assert document.root.plain() == {"a": 1, "b": 1}


def test_a_billion_laughs_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    [(_, _, message)] = problems("\n".join(lines))
    assert message == "The file holds more than 20,000 values, aliases written out."


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_deep_nesting_is_refused_without_recursion(opening: str) -> None:
    text = f"a:\n  {opening * 50_000}" if opening == "- " else f"a: {opening * 50_000}"
    [(_, _, message)] = problems(text)
    assert message == f"Values are nested more than {MOST_LEVELS} levels deep."


def test_aliases_cannot_nest_deeper_than_values_may() -> None:
    lines = ["a0: &a0 [[[[[[[[x]]]]]]]]"]
    lines += [f"a{n}: &a{n} [[[[[[[[*a{n - 1}]]]]]]]]" for n in range(1, 6)]
    assert [message for _, _, message in problems("\n".join(lines))] == ["Aliases nest too deep here."]


def test_tabs_inside_values_are_fine() -> None:
    assert plain("sql: |\n  SELECT\n  \t1\nb: 'c\td'") == {"sql": "SELECT\n\t1\n", "b": "c\td"}
