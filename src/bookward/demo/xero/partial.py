"""What becomes of stored fields when an element is sent in part, and what is wrong with its texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bookward.demo.xero.bodies import Kind, Text
from bookward.demo.xero.envelope import Element
from bookward.demo.xero.options import Options

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def put(target: Element, name: str, value: Any, options: Options, *, required: bool = False) -> None:
    """Set a field as it was sent; null and "" clear it where the switches say so, a required one never."""
    if value is None:
        if options.null_clears and not required:
            target.pop(name, None)
    elif value == "":
        if options.empty_clears and not required:
            target.pop(name, None)
    else:
        target[name] = value


def put_all(target: Element, names: Iterable[str], sent: Element, options: Options) -> None:
    """Set those of some fields that were sent."""
    for name in names:
        if name in sent:
            put(target, name, sent[name], options)


def merged_group(held: Element, sent: Element, options: Options) -> Element:
    """Return a group of fields after a write: what was not sent stays."""
    group = dict(held)
    for name, value in sent.items():
        if isinstance(value, dict):
            group[name] = merged_group(group.get(name, {}), without_errors(value), options)
        else:
            put(group, name, value, options)
    return group


def without_errors(part: Element) -> Element:
    """Return a part of an element without the errors it was shown with."""
    return {name: value for name, value in part.items() if name != "ValidationErrors"}


def present(part: Element) -> Element:
    """Return a part of an element without what is null in it."""
    return {name: value for name, value in part.items() if value is not None}


def text_problems(part: Element, fields: Mapping[str, Kind]) -> Iterator[str]:
    """Yield what is wrong with the texts among some fields."""
    for name, value in part.items():
        kind = fields.get(name)
        if not isinstance(kind, Text) or not value:
            continue
        if kind.limit is not None and len(value) > kind.limit:
            yield f"The {name} must not be longer than {kind.limit} characters."
        if _CONTROL.search(value):
            yield f"The {name} contains characters that are not allowed."
