"""Values change in a text that a person wrote, and nothing else does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookward.project.yamledit import edited, new_text, same
from bookward.project.yamlfile import parse_yaml

COMMENTED = """\
# top comment
model: invoices   # which model
destination: "xero-production"

# how rows match
match: {InvoiceNumber: invoice_number}  # by number
fields:
  # dates
  Date: issued_on
  DueDate: {column: due_on}   # due
  Reference: {template: 'PO {{ po }}'}
  LineItems:
    each: lines
    fields:
      Description: description
      Quantity: quantity   # how many
  Phones:
    # first
    - PhoneType: {value: MOBILE}
      PhoneNumber: phone # p
    # second
    - PhoneType: {value: FAX}
      PhoneNumber: fax
description: |
  some text
  more

# behind the block
on_removal: keep
"""


def values_of(text: str) -> dict[str, Any]:
    document, problems = parse_yaml(text.replace("\r\n", "\n"), "file.yaml")
    assert document
    assert problems == []
    values: dict[str, Any] = document.root.plain()
    return values


def changed(text: str, *path: str | int, to: Any) -> str:
    values = values_of(text)
    inside: Any = values
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = to
    new = edited(text, values)
    assert same(values_of(new), values)
    return new


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("path", "to", "old", "new"),
    [
        (("model",), "bills", "model: invoices ", "model: bills "),
        (("destination",), "books", '"xero-production"', '"books"'),
        (("fields", "DueDate", "column"), "pay_by", "{column: due_on}", "{column: pay_by}"),
        (("fields", "Reference", "template"), "it's {{ n }}", "'PO {{ po }}'", "'it''s {{ n }}'"),
        (("fields", "Date"), {"value": Decimal("1.50")}, "Date: issued_on", "Date: {value: 1.50}"),
        (("fields", "Phones", 0, "PhoneNumber"), "mobile", "phone # p", "mobile # p"),
        (("fields", "LineItems", "fields", "Quantity"), "0200", "quantity   # how", '"0200"   # how'),
        (("description",), "short", "|\n  some text\n  more\n", "short\n"),
        (("on_removal",), "a\nb", "on_removal: keep", "on_removal: |-\n  a\n  b"),
        (("mode",), "insert", "on_removal: keep", "on_removal: keep\nmode: insert"),
        (
            ("fields", "LineItems", "fields", "AccountCode"),
            "yes",
            "quantity   # how many\n",
            'quantity   # how many\n      AccountCode: "yes"\n',
        ),
        (
            ("fields", "DueDate"),
            {"column": "due_on", "when_null": "clear"},
            "{column: due_on}   # due",
            "{column: due_on, when_null: clear}   # due",
        ),
    ],
)
def test_only_what_changed_is_touched(
    path: tuple[str | int, ...], to: Any, old: str, new: str, newline: str
) -> None:
    text = COMMENTED.replace("\n", newline)
    assert changed(text, *path, to=to) == COMMENTED.replace(old, new).replace("\n", newline)


def test_a_text_that_becomes_lines_keeps_the_comment_of_its_key() -> None:
    lines = [{"A": {"value": 1}, "B": "b"}, {"A": "x"}]
    assert changed("model: m # why\nother: o\n", "model", to=lines) == (
        "model: # why\n  - A: {value: 1}\n    B: b\n  - A: x\nother: o\n"
    )


def test_keys_and_items_go_and_the_comments_above_them_stay() -> None:
    values = values_of(COMMENTED)
    del values["fields"]["Date"], values["on_removal"], values["fields"]["Phones"][1]
    assert edited(COMMENTED, values) == (
        COMMENTED.replace("  Date: issued_on\n", "")
        .replace("on_removal: keep\n", "")
        .replace("    - PhoneType: {value: FAX}\n      PhoneNumber: fax\n", "")
    )


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("style", ["|", ">-"])
def test_the_comment_of_a_block_of_text_stays(style: str, newline: str) -> None:
    text = f"a: {style}  #c15\n  some\n  text\nb:\n- {style} #c16\n  x\n".replace("\n", newline)
    new = changed(changed(text, "a", to="short"), "b", 0, to="y")
    assert new == "a: short  #c15\nb:\n- y  #c16\n".replace("\n", newline)
    assert changed(text, "a", to="x\ny\n").startswith(f"a: | #c15{newline}  x{newline}  y{newline}b:")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_first_key_of_an_item_goes_and_the_comment_below_it_stays(newline: str) -> None:
    text = "a:\n  - D: a  #c10\n    #c11\n    Q: q\n    U: u # d\n  - - x #c12\n    #c13\n    - y\n".replace(
        "\n", newline
    )
    values = values_of(text)
    del values["a"][0]["D"], values["a"][1][0]
    new = "a:\n  -\n    #c11\n    Q: q\n    U: u # d\n  -\n    #c13\n    - y\n"
    assert edited(text, values) == new.replace("\n", newline)
    del values["a"][0]["Q"]
    assert edited(text, values) == new.replace("    Q: q\n", "").replace("\n", newline)


def test_the_first_keys_of_an_item_go_together() -> None:
    text = "a:\n  - D: a\n    Q: q\n    U: u # d\n  - x # e\n"
    values = values_of(text)
    del values["a"][0]["D"], values["a"][0]["Q"]
    assert edited(text, values) == "a:\n  -\n    U: u # d\n  - x # e\n"


IN_BRACES = """\
a: [  # c0
  x, # one
  # mid
  y  # two
] # end
m: {  # d0
  k: 1, # k
  # above
  l: [a, {o: 1}]  # l
}
n: [p, # p
  q, r]
"""


@pytest.mark.parametrize(
    ("path", "to", "old", "new"),
    [
        (("a",), ["x", "y", "z"], "  y  # two\n", "  y, z  # two\n"),
        (("a",), ["z", "x", "y"], "  x, # one\n", "  z, x, # one\n"),
        (("a",), ["x", "z", "y"], "  x, # one\n", "  x, z, # one\n"),
        (("a",), ["y"], "  x, # one\n", ""),
        (("a",), ["x"], "  y  # two\n", ""),
        (("m", "n"), {"s": "t"}, "{o: 1}]  # l", "{o: 1}], n: {s: t}  # l"),
        (("m",), {"l": ["a", {"o": 1}]}, "  k: 1, # k\n", ""),
        (("m",), {"k": 1, "z": 3}, "1, # k\n  # above\n  l: [a, {o: 1}]  # l\n", "1, z: 3, # k\n  # above\n"),
        (("m", "l"), ["a", {"o": {"p": [1]}}], "{o: 1}", "{o: {p: [1]}}"),
        (("n",), ["q", "r"], "[p, # p\n", "[ # p\n"),
        (("n",), ["p", "r"], "  q, r]", "  r]"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_in_braces_over_several_lines_stay(
    path: tuple[str | int, ...], to: Any, old: str, new: str, newline: str
) -> None:
    text = IN_BRACES.replace("\n", newline)
    assert changed(text, *path, to=to) == IN_BRACES.replace(old, new).replace("\n", newline)


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_item_is_put_between_others(at: int) -> None:
    text = "a:\n  # one\n  - x: 1 # first\n  - y: 2\nb: 1\n"
    values = values_of(text)
    values["a"].insert(at, {"n": 3})
    new = edited(text, values)
    assert values_of(new) == values
    assert new.replace("  - {n: 3}\n", "").replace("  - n: 3\n", "") == text


def test_what_an_anchor_repeats_keeps_its_value() -> None:
    text = "a: &it {x: 1} # anchor\nb: *it\nc: *it # third\n"
    values = values_of(text)
    values["a"] = {"x": 2}
    assert edited(text, values) == "a: &it {x: 2} # anchor\nb: {x: 1}\nc: {x: 1} # third\n"
    values = values_of(text)
    del values["a"]
    assert edited(text, values) == "b: {x: 1}\nc: {x: 1} # third\n"


def test_values_that_stay_leave_every_byte() -> None:
    odd = "\ufeffa:   'x'  \nb: [1,2 ,  3]\r\nc: >-\n   folded\n   text\nd:\n- 1\n-   2\n"
    assert edited(odd, values_of(odd.removeprefix("\ufeff"))) == odd
    assert edited(COMMENTED, values_of(COMMENTED)) == COMMENTED


def test_a_text_that_cannot_be_read_is_replaced() -> None:
    assert edited("a: [", {"a": 1}) == "a: 1\n"
    assert edited("", {"a": {"b": ["x", "y"]}}) == "a:\n  b: [x, y]\n"


EMPTY = "x: 1 #c0\na:   #c1\nfields:\n  A:\n  B: b #c2\nlast:\n# end\n"


@pytest.mark.parametrize(
    ("path", "to", "old", "new"),
    [
        (("fields", "A"), "a", "  A:\n", "  A: a\n"),
        (("a",), "t", "a:   #c1", "a: t   #c1"),
        (("a",), "m\nn", "a:   #c1\n", "a: |-   #c1\n  m\n  n\n"),
        (("fields", "A"), {"each": {"x": 1}}, "  A:\n", "  A:\n    each: {x: 1}\n"),
        (("last",), {"each": {"x": 1}}, "last:\n", "last:\n  each: {x: 1}\n"),
        (("new",), 1, "last:\n", "last:\nnew: 1\n"),
    ],
)
def test_an_empty_key_is_filled_in_and_the_rest_stays(
    path: tuple[str | int, ...], to: Any, old: str, new: str
) -> None:
    assert changed(EMPTY, *path, to=to) == EMPTY.replace(old, new)


@pytest.mark.parametrize(("key", "line"), [("a", "a:   #c1\n"), ("last", "last:\n")])
def test_an_empty_key_goes_and_the_line_below_it_stays(key: str, line: str) -> None:
    values = values_of(EMPTY)
    del values[key]
    assert edited(EMPTY, values) == EMPTY.replace(line, "")


def test_a_key_without_a_colon_is_no_reason_to_fail() -> None:
    assert changed("a: 1 # q\n? k\nb: {y: 1, x} # d\n", "a", to=2) == "a: 2 # q\n? k\nb: {y: 1, x} # d\n"
    assert changed("? a # b:c\nd: 1 # e\n", "d", to=2) == "? a # b:c\nd: 2 # e\n"
    assert changed("b: &k # e\nc: *k # f\n", "b", to=2).endswith(" # f\n")


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    st.sampled_from(
        ["yes", "~", "0200", "a: b", "a #b", "- x", "a\nb\n", "{x}", "*a", "1e5", " x", "x\n y\n\n"]
    ),
)
KEYS = st.one_of(st.sampled_from(["a", "b", "c", "on", "Name"]), st.text("ab:# 1{", min_size=1, max_size=4))
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)
FILES = st.dictionaries(KEYS.filter(lambda key: key != "<<"), VALUES, min_size=1, max_size=5)


@given(FILES)
def test_what_is_written_is_what_is_read(values: dict[str, Any]) -> None:
    assert same(values_of(new_text(values)), values)


@given(FILES, FILES, st.sampled_from(["\n", "\r\n"]))
def test_an_edited_text_says_what_was_wanted(old: dict[str, Any], new: dict[str, Any], newline: str) -> None:
    text = new_text(old).replace("\n", newline)
    assert same(values_of(edited(text, new)), new)
    mixed = old | dict(list(new.items())[:2])
    assert same(values_of(edited(text, mixed)), mixed)


@given(VALUES)
def test_other_keys_keep_their_bytes(value: Any) -> None:
    values = values_of(COMMENTED) | {"object": value}
    assert edited(COMMENTED, values).startswith(COMMENTED)
    values = values_of(COMMENTED) | {"destination": value}
    new = edited(COMMENTED, values)
    before, after = COMMENTED.split('destination: "xero-production"\n')
    assert new.startswith(before)
    assert new.endswith(after)
