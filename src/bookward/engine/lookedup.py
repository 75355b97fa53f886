"""By which of its fields a person or company is looked up, as the values of the proposed column tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bookward.engine.likeness import words
from bookward.engine.suggesting import Candidate, Suggestion, Target
from bookward.spec.field import Field

_NUMBERS = {"id", "number", "code", "key"}


def by_values(target: Target, suggestion: Suggestion, values: Mapping[str, Sequence[object]]) -> Suggestion:
    """Return a suggestion that looks people up by what their columns hold: names, e-mail addresses, numbers.

    Args:
        target: what is mapped into.
        suggestion: made from the names of the columns.
        values: of the first rows, by column.
    """
    fields = tuple(_told(target, each, values.get(each.column, ())) for each in suggestion.fields)
    return replace(suggestion, fields=fields)


def _told(target: Target, found: Candidate, values: Sequence[object]) -> Candidate:
    group, *inner = found.path
    if group not in target.named_once or len(inner) != 1:
        return found
    fields = target.fields[group].fields
    name, email = _called(fields, "name"), _called(fields, "email")
    if name is None or email is None or inner[0] in (name, email) or words(found.column)[-1] in _NUMBERS:
        return found
    texts = [text for value in values if (text := str(value or "").strip())]
    if _most(["@" in text for text in texts]):
        return replace(found, path=(group, email), reason="it holds e-mail addresses")
    if _most([_is_name(text) for text in texts]):
        return replace(found, path=(group, name), reason="it holds names")
    return found


def _called(fields: Mapping[str, Field], word: str) -> str | None:
    return next((name for name, field in fields.items() if word in words(name) and not field.read_only), None)


def _is_name(text: str) -> bool:
    return any(letter.isalpha() for letter in text) and (" " in text or not any(map(str.isdigit, text)))


def _most(said: Sequence[bool]) -> bool:
    return 2 * sum(said) > len(said)
