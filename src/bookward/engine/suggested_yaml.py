"""A proposed mapping as the file of a sync, with why beside each field, for a person to correct and keep."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from bookward.engine.suggesting import Candidate, Missing, Path, Suggestion

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = frozenset({"true", "false", "null"})


def sync_file(head: dict[str, str], each: str, suggestion: Suggestion) -> str:
    """Return the text of a sync's file.

    Args:
        head: what stands above the match: model, destination, object.
        each: the column that holds the lines.
    """
    lines = [f"{key}: {_scalar(value)}" for key, value in head.items()]
    match = suggestion.match
    if match is None:
        lines.append("# match: the field and the column by which a row finds its record")
    else:
        lines.append(f"match: {{{match.path[0]}: {_scalar(match.column)}}}{_why(match)}")
    lines += _fields(each, suggestion)
    if suggestion.of_lines:
        named = ", ".join(f"{_scalar(each.column)} ({each.path[-1]})" for each in suggestion.of_lines)
        lines.append(f"# of a line, so name them under `lines.columns` of the model: {named}")
    if suggestion.unused:
        lines.append(f"# no field found for: {', '.join(map(_scalar, suggestion.unused))}")
    return "\n".join(lines) + "\n"


def _fields(each: str, suggestion: Suggestion) -> Iterator[str]:
    must = [missing for missing in suggestion.missing if len(missing.path) == 1]
    if suggestion.fields or suggestion.lines or must:
        yield "fields:" if suggestion.fields or suggestion.lines else "fields: {}"
    for missing in must:
        choices = f", one of {', '.join(missing.choices)}" if missing.choices else ""
        yield f"  # {missing.path[0]}: required, and no column found{choices}"
    inside = [missing for missing in suggestion.missing if len(missing.path) > 1]
    yield from _group(suggestion.fields, inside, suggestion.lists, ())
    if suggestion.lines:
        group = suggestion.lines[0].path[:1]
        yield f"  {group[0]}:"
        yield f"    each: {_scalar(each)}"
        yield "    fields:"
        for line in _group(suggestion.lines, inside, suggestion.lists, group):
            yield f"  {line}"


def _group(
    found: Sequence[Candidate], missing: Sequence[Missing], lists: frozenset[Path], above: Path
) -> Iterator[str]:
    """Yield the lines of what stands below a group, nested as it is."""
    depth = len(above)
    indent = "  " * (depth + 1)
    for needed in missing:
        if needed.path[:-1] == above and above:
            yield f"{indent}{needed.path[-1]}: {_chosen(needed)}"
    for name in dict.fromkeys(c.path[depth] for c in found):
        path = (*above, name)
        below = [candidate for candidate in found if candidate.path[: depth + 1] == path]
        if below[0].path == path:
            yield f"{indent}{name}: {_scalar(below[0].column)}{_why(below[0])}"
            continue
        yield f"{indent}{name}:"
        yield from _entry(_group(below, missing, lists, path), indent, is_list=path in lists)


def _entry(inner: Iterator[str], indent: str, *, is_list: bool) -> Iterator[str]:
    for number, line in enumerate(inner):
        if not is_list:
            yield line
        elif number == 0:
            yield f"{indent}  - {line.removeprefix(f'{indent}  ')}"
        else:
            yield f"  {line}"


def _chosen(missing: Missing) -> str:
    if not missing.choices:
        return '""  # required, and no column found'
    first, *others = missing.choices
    return f"{{value: {_scalar(first)}}}  # or {', '.join(others)}" if others else f"{{value: {first}}}"


def _why(candidate: Candidate) -> str:
    return f"  # {candidate.score:.0%}: {candidate.reason}"


def _scalar(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if plain else "".join(map(_printable, json.dumps(text, ensure_ascii=False)))


def _printable(letter: str) -> str:
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"
