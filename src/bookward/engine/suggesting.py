"""Proposes which columns of a model could become which fields of an object: by name, by type, by length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import TypeAlias

from bookward.engine.likeness import Words, likeness, words
from bookward.spec.field import Field, FieldKind

Path: TypeAlias = tuple[str, ...]
"""A field by its names from the top; a list counts as the entry that it would have."""

AlsoCalled: TypeAlias = Mapping[str, Sequence[str]]
"""What people call a field, a group of fields or the object itself, by its name at the destination."""

LEAST = 0.6
"""The lowest score that is worth a proposal."""

_ALSO, _WITHOUT_GROUP, _TOO_LONG = 0.95, 0.85, 0.75
_VAGUE = {("id",), ("number",), ("name",), ("code",), ("type",), ("status",), ("date",), ("description",)}
_FITS: Mapping[FieldKind, Mapping[str, float]] = {
    FieldKind.TEXT: {"text": 1, "integer": 0.95, "uuid": 0.9, "decimal": 0.8, "date": 0.7, "boolean": 0.5},
    FieldKind.DATE: {"date": 1, "timestamp": 0.97, "text": 0.75},
    FieldKind.DATETIME: {"timestamp": 1, "date": 0.9, "text": 0.75},
    FieldKind.DECIMAL: {"decimal": 1, "integer": 0.97, "float": 0.9, "text": 0.7},
    FieldKind.INTEGER: {"integer": 1, "decimal": 0.8, "text": 0.7},
    FieldKind.BOOLEAN: {"boolean": 1, "integer": 0.7, "text": 0.7},
    FieldKind.UUID: {"uuid": 1, "text": 0.9},
}
"""How well a column's type suits a field's; what is not here does not."""
_TEXT_OF_NUMBERS = 0.9  # of a file without types, say


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a model."""

    name: str
    type: str  #: in words that a person knows, as in a preview
    longest: int = 0  #: letters of the longest text seen in it
    seen: frozenset[str] = frozenset()  #: values seen in it, as texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is to be mapped into."""

    name: str
    fields: Mapping[str, Field]
    match_fields: Sequence[str]
    also_called: AlsoCalled
    named_once: frozenset[str]  #: groups of fields of which one names another record, and is enough
    summed: frozenset[str] = frozenset()  #: fields of lines that add up, so that records have them as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A column proposed for a field."""

    path: Path
    column: str
    score: float  #: from 0 to 1
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A field that must have a value, and for which no column was found."""

    path: Path
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggestion:
    """A mapping proposed for a person to correct."""

    match: Candidate | None
    fields: tuple[Candidate, ...]  #: in the order of the catalogue
    lines: tuple[Candidate, ...]  #: inside of the list that gets an entry for each line
    of_lines: tuple[Candidate, ...]  #: columns that say something of a line, and are none of the lines' yet
    lists: frozenset[Path]  #: the groups above them that are lists
    missing: tuple[Missing, ...]
    unused: tuple[str, ...]  #: columns for which there is no field


def suggest(
    target: Target, columns: Sequence[Column], key: Sequence[str], lines: Sequence[Column] = ()
) -> Suggestion:
    """Propose a mapping.

    Args:
        columns: those of the rows.
        key: the primary key of the model.
        lines: the columns of the lines that each row has, if rows are gathered.
    """
    group = _group_of_lines(target) if lines else None
    row_leaves = [leaf for leaf in _leaves(target.fields) if leaf[0][0] != group]
    inside = _assigned(target, lines, _leaves({group: target.fields[group]})) if group else []
    has = {candidate.path for candidate in inside}
    free = [leaf for leaf in _line_leaves(target) if leaf[0] not in has] if group else []
    astray = _assigned(target, of_lines(target, columns), free) if free else []
    of_rows = [column for column in columns if column.name not in {each.column for each in astray}]
    found = _assigned(target, of_rows, row_leaves)
    match = _match(target, of_rows, key, found)
    lists = frozenset(path for path, field in _groups(target.fields) if field.kind is FieldKind.LIST)
    chosen = [candidate for candidate in found if match is None or candidate.path != match.path]
    used = {candidate.column for candidate in (*found, *inside, *astray, *([match] if match else []))}
    return Suggestion(
        match=match,
        fields=tuple(chosen),
        lines=tuple(inside),
        of_lines=tuple(astray),
        lists=lists,
        missing=tuple(_missing(target.fields, [*found, *inside, *([match] if match else [])])),
        unused=tuple(column.name for column in (*columns, *lines) if column.name not in used),
    )


def of_lines(target: Target, columns: Sequence[Column]) -> list[Column]:
    """Return the columns that say a field of a line better than any of the record, whatever is in them.

    What adds up is left to the record: an amount that is the same in all lines is rather their total.
    """
    within = _line_leaves(target)
    others = [leaf for leaf in _leaves(target.fields) if leaf not in within]
    scores = [(column, _best(target, column, within)) for column in columns]
    return [column for column, score in scores if score >= LEAST and score > _best(target, column, others)]


def _line_leaves(target: Target) -> list[tuple[Path, Field]]:
    """Return a line's own fields, without those that add up and those of groups within."""
    group = _group_of_lines(target)
    leaves = _leaves({group: target.fields[group]}) if group else []
    return [(path, field) for path, field in leaves if len(path) == 2 and path[-1] not in target.summed]


def _best(target: Target, column: Column, leaves: Sequence[tuple[Path, Field]]) -> float:
    return max((_scored(target, column, path, field).score for path, field in leaves), default=0.0)


def _leaves(fields: Mapping[str, Field], above: Path = ()) -> list[tuple[Path, Field]]:
    found: list[tuple[Path, Field]] = []
    for field in fields.values():
        if field.read_only:
            continue
        path = (*above, field.name)
        found += _leaves(field.fields, path) if field.fields else [(path, field)]
    return found


def _groups(fields: Mapping[str, Field], above: Path = ()) -> Iterator[tuple[Path, Field]]:
    for field in fields.values():
        if field.fields:
            yield (*above, field.name), field
            yield from _groups(field.fields, (*above, field.name))


def _assigned(
    target: Target, columns: Sequence[Column], leaves: Sequence[tuple[Path, Field]]
) -> list[Candidate]:
    """Return the best pairs, each column and each field once, in the order of the fields."""
    pairs = [_scored(target, column, path, field) for column, (path, field) in product(columns, leaves)]
    taken: set[str] = set()
    done: dict[Path, Candidate] = {}
    for candidate in sorted(pairs, key=lambda pair: -pair.score):
        head = candidate.path[:1]
        once = head if head[0] in target.named_once else candidate.path
        if candidate.score >= LEAST and candidate.column not in taken and once not in done:
            taken.add(candidate.column)
            done[once] = candidate
    order = {path: place for place, (path, _) in enumerate(leaves)}
    return sorted(done.values(), key=lambda candidate: order[candidate.path])


def _scored(target: Target, column: Column, path: Path, field: Field) -> Candidate:
    name, reason = _by_name(target, words(column.name), path)
    fits = _fit(column, field)
    if fits < 1:
        reason += f"; {column.type} for {field.kind.value}"
    if field.max_length is not None and column.longest > field.max_length:
        fits *= _TOO_LONG
        reason += f"; up to {column.longest} letters, {field.max_length} are allowed"
    return Candidate(path=path, column=column.name, score=round(name * fits, 2), reason=reason)


def _fit(column: Column, field: Field) -> float:
    """Return how well what a column holds suits a field, by its type and the values seen in it."""
    if field.choices and not column.seen <= set(field.choices):
        return 0.0
    family = _family(column.type)
    if family == "text" and field.kind is FieldKind.DECIMAL and _holds_numbers(column):
        return _TEXT_OF_NUMBERS
    return _FITS.get(field.kind, {}).get(family, 0.0)


def _holds_numbers(column: Column) -> bool:
    try:
        return bool(column.seen) and all(Decimal(text).is_finite() for text in column.seen)
    except InvalidOperation:
        return False


def _family(type_: str) -> str:
    return type_.partition("(")[0].partition(" ")[0]


def _by_name(target: Target, given: Words, path: Path) -> tuple[float, str]:
    """Return how well a column's words say a field, and why."""
    best, reason = 0.0, ""
    for phrase, weight, why in _phrases(target, path):
        if (score := weight * likeness(given, phrase)) > best:
            best, reason = score, why if given == phrase else f"much like {' '.join(phrase)!r}"
    return best, reason


def _phrases(target: Target, path: Path) -> Iterator[tuple[Words, float, str]]:
    """Yield what a field may be called, how much that counts, and what to say of it."""
    groups = [words(name) for name in (path[-2] if len(path) > 1 else target.name,)]
    groups += [words(name) for name in target.also_called.get(path[-2] if len(path) > 1 else target.name, ())]
    told = ".".join(path)
    names = [
        (path[-1], 1.0, "the same words"),
        *((n, _ALSO, f"often said for {told}") for n in _also(target, path)),
    ]
    for name, weight, why in names:
        leaf = words(name)
        if len(path) == 1:
            yield leaf, weight, why
        elif path[0] not in target.named_once or leaf not in _VAGUE:
            yield leaf, weight * _WITHOUT_GROUP, why
        for group in groups:
            yield group + leaf, weight, why


def _also(target: Target, path: Path) -> Sequence[str]:
    return (*target.also_called.get(path[-1], ()), *target.also_called.get(".".join(path[-2:]), ()))


def _group_of_lines(target: Target) -> str | None:
    """Return the list that lines become: the first one that a record needs."""
    lists = (
        field for field in target.fields.values() if field.kind is FieldKind.LIST and not field.read_only
    )
    return next((field.name for field in lists if field.required), None)


def _match(
    target: Target, columns: Sequence[Column], key: Sequence[str], found: Sequence[Candidate]
) -> Candidate | None:
    """Return how rows find their records: by a field that was found, else by the model's key."""
    by_field = {c.path[0]: c for c in found if len(c.path) == 1 and c.path[0] in target.match_fields}
    by_key = next((found for found in by_field.values() if [found.column] == list(key)), None)
    best = by_key or next((by_field[name] for name in target.match_fields if name in by_field), None)
    taken = {candidate.column for candidate in found}
    free = [column for column in columns if [column.name] == list(key) and column.name not in taken]
    if best is not None or not free:
        return best
    texts = [name for name in target.match_fields if target.fields[name].kind is FieldKind.TEXT]
    # A field that every record has is a name for people rather than a key.
    name = min(texts, key=lambda name: target.fields[name].required, default=None)
    if name is None or (name,) in {candidate.path for candidate in found}:
        return None
    return Candidate(path=(name,), column=free[0].name, score=LEAST, reason="the model's key")


def _missing(fields: Mapping[str, Field], found: Sequence[Candidate], above: Path = ()) -> Iterator[Missing]:
    """Yield required fields without a column, those inside of a group only where the group is there."""
    for field in fields.values():
        path = (*above, field.name)
        there = any(candidate.path[: len(path)] == path for candidate in found)
        if field.required and not field.read_only and not there:
            yield Missing(path=path, choices=field.choices)
        elif there:
            yield from _missing(field.fields, found, path)
