"""What pydantic finds wrong with a document, in our words and at its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from bookward.nearest import did_you_mean
from bookward.project.document import Document, Where, child
from bookward.project.expected import is_secret, known_keys
from bookward.project.secrets import Filled, refers
from bookward.project.words import described, one_of, quoted
from bookward.records import Problem
from bookward.spec.base import SHAPES
from bookward.spec.mapping import ORIGINS

_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of usual size",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
    "float_type": "a number",
    "float_parsing": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "dict_type": "a mapping of keys",
    "model_type": "a mapping of keys",
    "model_attributes_type": "a mapping of keys",
    "greater_than": "more than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "string_too_short": "a text of at least {min_length} characters",
    "string_too_long": "a text of at most {max_length} characters",
    "string_pattern_mismatch": "a text of another form",
    "literal_error": "one of the allowed values",
    "enum": "one of the allowed values",
    "url_type": "an address",
    "url_parsing": "an address",
    "url_scheme": "an address that begins with {expected_schemes}",
}
_SIZES = {"too_short": "at least {min_length}", "too_long": "at most {max_length}"}
_MAPPING_OPTIONS = ("when_null", "only_on_create")
_QUOTED_CHOICE = re.compile(r"'([^']*)'")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that pydantic says, at a place of the document; ``hint`` is the kind of mapping there."""

    where: Where
    kind: str
    message: str
    context: Mapping[str, Any]
    hint: str | None


def explain(
    error: ValidationError, spec_class: type[BaseModel], document: Document, filled: Filled | None = None
) -> list[Problem]:
    """Return everything that ``error`` says as problems, one per place.

    Args:
        error: what validating the document's values gave.
        spec_class: what they were validated as.
        document: gives the places, and the values as they stand in the file, before secrets were filled in.
        filled: what was filled in; where that failed already, nothing more is said.
    """
    by_place: dict[Where, list[Finding]] = {}
    for raw in error.errors(include_url=False, include_input=False):
        finding = _finding(raw, document)
        by_place.setdefault(finding.where, []).append(finding)
    teller = _Teller(spec_class, document, filled)
    failed = filled.failed if filled else frozenset()
    # Where one alternative of a union got further than the others, the others are not what was meant.
    parents = {where[:depth] for where in by_place for depth in range(len(where))}
    return [
        teller.problem(findings)
        for where, findings in by_place.items()
        if where not in failed
        and not (where in parents and all(finding.kind in _WANTED for finding in findings))
    ]


def first_of(error: ValidationError) -> str:
    """Return in a sentence the first that ``error`` says, of values that stand in no document."""
    first = error.errors(include_url=False, include_input=False)[0]
    where, said = ".".join(map(str, first["loc"])), _plain(first["msg"]).rstrip(".")
    return f"{where}: {said}." if where else f"{said}."


def _plain(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return message.replace("Input should be", "It must be").replace("input should be", "it must be")


def _finding(raw: Any, document: Document) -> Finding:
    location, hint = untagged(raw["loc"])
    where: list[str | int] = []
    node = document.root
    for step in location:
        found = child(node, step)
        if found:
            where.append(step)
            node = found[1]
    if raw["type"] == "missing":
        where.append(location[-1])
    return Finding(tuple(where), raw["type"], raw["msg"], raw.get("ctx", {}), hint)


def untagged(location: Sequence[str | int]) -> tuple[Where, str | None]:
    """Return a location without the names of alternatives in field mappings, and the last such name.

    Below any `fields`, pydantic puts after every field's name which kind of mapping it took the value for.
    """
    if "fields" not in location:
        return tuple(location), None
    above = location.index("fields") + 1
    where, rest = list(location[:above]), list(location[above:])
    tag: str | None = None
    while rest:
        where.append(rest.pop(0))
        if isinstance(where[-1], int) or not rest:
            continue
        tag = str(rest.pop(0))
        if tag == "each" and rest[:1] == ["fields"]:
            where.append(rest.pop(0))
        elif tag not in ("object", "list"):
            return (*where, *rest), tag
    return tuple(where), tag


class _Teller:
    """Finds words for what is wrong in one document."""

    def __init__(self, spec_class: type[BaseModel], document: Document, filled: Filled | None) -> None:
        self._spec_class = spec_class
        self._document = document
        self._filled = filled

    def problem(self, findings: Sequence[Finding]) -> Problem:
        first = findings[0]
        match first.kind:
            case "extra_forbidden":
                message, remedy = self._unknown_key(first)
            case "missing":
                message, remedy = self._missing(first)
            case "too_short" | "too_long":
                message, remedy = self._size(first)
            case kind if kind in _WANTED:
                message, remedy = self._wrong(findings)
            case _:
                message, remedy = self._other(first)
        at_key = first.kind in ("extra_forbidden", "missing")
        place = None if at_key else self._document.value_place(first.where)
        return self._document.problem(first.where, message, remedy, place)

    def _unknown_key(self, finding: Finding) -> tuple[str, str]:
        *parent, key = finding.where
        if finding.hint in ORIGINS and key in ORIGINS:
            return (
                f"{quoted(str(key))} cannot stand beside {quoted(str(finding.hint))}.",
                "Keep one of column, value, template and each.",
            )
        known = known_keys(self._spec_class, tuple(parent), finding.hint)
        absent = set(known) - set(self._keys(tuple(parent)))
        near = did_you_mean(str(key), absent) or did_you_mean(str(key), known)
        return f"Unknown key {quoted(str(key))}. {near}".rstrip(), f"Known keys here: {one_of(known)}."

    def _missing(self, finding: Finding) -> tuple[str, str]:
        key = finding.where[-1]
        return f"The key {quoted(str(key))} is missing.", f"Add '{key}: ...'."

    def _size(self, finding: Finding) -> tuple[str, str]:
        size = _SIZES[finding.kind].format(**finding.context)
        node = self._document.node(finding.where)
        count = len(node.content) if node and isinstance(node.content, dict | list) else 0
        entry = "entry" if size.endswith(" 1") else "entries"
        return (
            f"{subject(finding.where)} must have {size} {entry}, but has {count}.",
            "Add what is missing." if finding.kind == "too_short" else "Remove what is too much.",
        )

    def _wrong(self, findings: Sequence[Finding]) -> tuple[str, str]:
        first = findings[0]
        if first.hint == "name" and first.where[-1] in _MAPPING_OPTIONS:
            return self._without_origin(first)
        wanted = " or ".join(dict.fromkeys(_wanted(finding) for finding in findings))
        choices = [choice for finding in findings for choice in _choices(finding)]
        value = self._value(first.where)
        message = f"{subject(first.where)} must be {wanted}, but {self._is(first.where, value)}."
        if choices:
            shown = isinstance(value, str) and not is_secret(self._spec_class, first.where)
            near = did_you_mean(value, choices) if shown else ""
            return f"{message} {near}".rstrip(), f"Allowed: {one_of(choices)}."
        return message, _remedy(first, value)

    def _without_origin(self, finding: Finding) -> tuple[str, str]:
        """Return what to say about an option that was taken for a field: its mapping lacks an origin."""
        keys = self._keys(finding.where[:-1])
        near = next((said for key in keys if (said := did_you_mean(key, ORIGINS))), "")
        said = f"{subject(finding.where)} stands in a mapping without column, value, template or each. {near}"
        return (
            said.rstrip(),
            "Add one of column, value, template and each, or remove this key.",
        )

    def _is(self, where: Where, value: Any) -> str:
        if refers(value):
            return f"what {quoted(value)} stands for is not"
        return "is " + described(value, covered=is_secret(self._spec_class, where))

    def _other(self, finding: Finding) -> tuple[str, str]:
        message = _plain(finding.message)
        if self._filled:
            message = self._filled.covered(message, finding.where)
        if finding.where:
            message = f"{subject(finding.where)}: {message}"
        return message[:1].upper() + message[1:].rstrip(".") + ".", "Correct the value."

    def _keys(self, where: Where) -> list[str]:
        node = self._document.node(where)
        return list(node.content) if node and isinstance(node.content, dict) else []

    def _value(self, where: Where) -> Any:
        node = self._document.node(where)
        return node.plain() if node else None


def subject(where: Where) -> str:
    """Return how a sentence calls the value at ``where``."""
    if not where:
        return "The file"
    if isinstance(where[-1], int):
        return f"Item {where[-1] + 1} of {quoted(str(where[-2]))}"
    return quoted(where[-1])


def _wanted(finding: Finding) -> str:
    if finding.hint == "name":
        return "the name of a column, or a mapping"
    if finding.kind == "string_pattern_mismatch":
        return SHAPES.get(finding.context["pattern"], _WANTED[finding.kind])
    return _WANTED[finding.kind].format(**finding.context)


def _choices(finding: Finding) -> list[str]:
    if finding.kind not in ("literal_error", "enum"):
        return []
    return _QUOTED_CHOICE.findall(str(finding.context.get("expected", "")))


def _remedy(finding: Finding, value: Any) -> str:
    if value is None:
        return "Write a value after the colon, or remove the key."
    if finding.hint == "name":
        return "Write the name of a column; for the same value in every row write {value: ...}."
    if finding.kind == "string_type" and not isinstance(value, dict | list):
        return "If it is meant as text, put it in quotes."
    if finding.kind.startswith("bool"):
        return "Write true or false, without quotes."
    return "Correct the value."
