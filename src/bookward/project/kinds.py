"""Which specification a source's or destination's `type` stands for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from bookward.nearest import did_you_mean
from bookward.project.document import Document
from bookward.project.secrets import Filled
from bookward.project.words import described, one_of, quoted
from bookward.records import Problem
from bookward.spec.base import Spec

S = TypeVar("S", bound=Spec)


def spec_class_of(
    document: Document, filled: Filled, specs: Mapping[str, type[S]]
) -> type[S] | list[Problem]:
    """Return the class that the document's `type` names, or what is wrong if there is none."""
    if ("type",) in filled.failed:
        return []  # said already
    known = f"Known types: {one_of(specs) or 'none is installed'}."
    if "type" not in document.members:
        return [document.problem(("type",), "The key 'type' is missing.", known)]
    value = filled.values["type"]
    if isinstance(value, str) and value in specs:
        return specs[value]
    place = document.value_place(("type",))
    if not isinstance(value, str):
        said = f"'type' must be text, but is {described(value)}."
        return [document.problem(("type",), said, known, place)]
    shown = document.text("type") or value
    said = f"There is no type {quoted(shown)}. {did_you_mean(value, specs)}".rstrip()
    return [document.problem(("type",), said, known, place)]
