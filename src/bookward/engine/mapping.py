"""A sync's mapping, compiled once: from a row to what would be sent for it."""

from __future__ import annotations

from collections import abc
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from bookward.engine.casts import Zone, own_zone
from bookward.engine.compiling import Compiler, References, Where, create_only
from bookward.engine.rendering import ABSENT, Member, Notes, Render, extended, object_of
from bookward.engine.text import plain_text
from bookward.errors import ProjectInvalid, RowError
from bookward.nearest import choose_from
from bookward.records import Payload, Row, SpecProblem
from bookward.spec.field import Field, FieldKind
from bookward.spec.sync import LookUp, SyncSpec

_NESTED = frozenset({FieldKind.OBJECT, FieldKind.LIST})


class Rendered(NamedTuple):
    """What one row is mapped to."""

    payload: Payload
    create_only: frozenset[str]  #: top-level fields to send only when the record is created
    match_value: str | None  #: the match field's value as text; None: the row says that it has no record yet
    notes: tuple[str, ...]  #: what was tidied on the way, for a person to read


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A compiled mapping; it belongs to one version of a sync's configuration."""

    columns: tuple[str, ...]  #: every column that the match and the fields refer to, in order of appearance
    create_only: frozenset[str]
    lines: frozenset[str]  #: the columns that hold lines
    _record: Render
    _match: Render
    _problems: tuple[SpecProblem, ...]
    _references: tuple[tuple[str, Where], ...]
    _inside: tuple[tuple[str, References], ...]

    @classmethod
    def compile(cls, sync: SyncSpec, catalogue: abc.Mapping[str, Field], zone: Zone = own_zone) -> Mapping:
        """Return the mapping of ``sync`` into an object with the fields of ``catalogue``.

        What ``zone`` says is the zone of the destination's days; it is asked when a row needs it.
        A faulty specification compiles too: ``problems`` says what is wrong with it.
        """
        compiler = Compiler(zone)
        match, members = _match(compiler, sync, catalogue)
        members += compiler.members(sync.fields, catalogue, ("fields",), "")
        for name, look_up in sync.look_up.items():
            members += _looked_up(compiler, name, look_up, catalogue)
        mapped = {**sync.match, **sync.fields, **sync.look_up}
        compiler.report_unmapped(mapped, catalogue, ("fields",), "")
        return cls(
            columns=tuple(dict.fromkeys(name for name, _ in compiler.references)),
            create_only=_created_only(compiler, sync),
            lines=frozenset(column for column, _ in compiler.lines),
            _record=object_of(members, always=True),
            _match=match,
            _problems=(*compiler.problems, *compiler.unchosen),
            _references=tuple(compiler.references),
            _inside=tuple(compiler.lines),
        )

    def render(self, row: Row) -> Rendered:
        """Return what would be sent for a row.

        Raises:
            FieldRequired: a field that must have a value has none.
            FieldInvalid: a value does not fit its field.
            TemplateFailed: a template does not suit the row's values.
            ColumnMissing: the row lacks a column, as every row of this model then does.
            ProjectInvalid: the mapping has problems.
        """
        if self._problems:
            raise ProjectInvalid(f"The mapping cannot be used: {self._problems[0].message}")
        return self.sketch(row)

    def sketch(self, row: Row) -> Rendered:
        """Return the same of a mapping that may have problems: what is sound of it; raises as ``render``."""
        notes: Notes = []
        found = self._match(row, [])
        payload = self._record(row, notes)
        match_value = None if found is ABSENT else plain_text(found)
        return Rendered(payload, self.create_only, match_value, tuple(notes))

    def match_value(self, row: Row) -> str | None:
        """Return the match field's value of a row whose other fields may be unfit; None if it is unfit."""
        try:
            found = self._match(row, [])
        except RowError:
            return None
        return None if found is ABSENT else plain_text(found)

    def problems(
        self,
        columns: Iterable[str] | None = None,
        inside: abc.Mapping[str, Iterable[str]] = MappingProxyType({}),
    ) -> list[SpecProblem]:
        """Return everything wrong that can be seen without a row.

        Args:
            columns: the model's columns, when they are known; the columns referred to are held against them.
            inside: the columns of the lines in a column, for those columns of which they are known.
        """
        problems = list(self._problems)
        if columns is not None:
            problems += _unknown(self._references, list(columns), "The model has", inside)
        for column, references in self._inside:
            if column in inside:
                problems += _unknown(references, list(inside[column]), f"The lines in {column!r} have")
        return problems


def _unknown(
    references: Iterable[tuple[str, Where]],
    known: list[str],
    who: str,
    inside: abc.Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> Iterator[SpecProblem]:
    for name, where in references:
        holder = next((column for column, names in inside.items() if name in names), None)
        if name in known:
            continue
        if holder is None:
            message, remedy = f"{who} no column {name!r}.", choose_from(name, known)
        else:
            message = f"Column {name!r} belongs to the lines in {holder!r}, not to the row."
            remedy = f"Map it inside of {{each: {holder}, fields: ...}}."
        yield SpecProblem(where=where, message=message, remedy=remedy)


def changed_fields(old: Payload | None, new: Payload) -> Payload:
    """Return the top-level fields of ``new`` that ``old`` does not have or has with another value.

    1.5 and 1.50 are the same value. A field that only ``old`` has is no change: what is not sent stays as it
    is at the destination.
    """
    if old is None:
        return new
    return {name: value for name, value in new.items() if name not in old or old[name] != value}


def _match(
    compiler: Compiler, sync: SyncSpec, catalogue: abc.Mapping[str, Field]
) -> tuple[Render, list[Member]]:
    """Compile the match: its own rendering, and the member that also sends it, if one does."""
    ((name, column),) = sync.match.items()
    where: Where = ("match", name)
    field = catalogue.get(name)
    if field is None:
        scalars = [known.name for known in catalogue.values() if known.kind not in _NESTED]
        compiler.report(where, f"There is no field {name} to match by.", choose_from(name, scalars))
        return _unmatched, []
    if field.kind in _NESTED:
        compiler.report(
            where, f"{name} has fields of its own; no record is found by it.", "Match by another."
        )
        return _unmatched, []
    if field.kind is FieldKind.UUID:
        if name in sync.fields:
            message = f"{name} finds the record; it is not written to it."
            compiler.report(("fields", name), message, f"Take {name} out of `fields`.")
        return compiler.column(column, "omit", field, where, name) or _unmatched, []
    render = compiler.column(column, "reject", field, where, name)
    if render is None:
        return _unmatched, []
    if name in sync.fields:
        return render, []
    if field.read_only:
        compiler.report(where, f"{name} is read-only, so a new record could not get it.", "Match by another.")
    return render, [Member(name, False, render, None)]


def _looked_up(
    compiler: Compiler, name: str, look_up: LookUp, catalogue: abc.Mapping[str, Field]
) -> list[Member]:
    """Compile a look-up: what the record is found by, and behind that what it would be created of."""
    found = compiler.look_up(name, look_up.by, look_up.column, catalogue)
    if not look_up.fields or not found:
        return found
    where: Where = ("look_up", name, "fields")
    more = compiler.members(look_up.fields, catalogue[name].record, where, f"{name}.")
    render = extended(found[0].render, object_of(more, always=True))
    return [Member(name, False, render, found[0].missing)]


def _unmatched(_: Row, __: Notes) -> object:
    return ABSENT


def _created_only(compiler: Compiler, sync: SyncSpec) -> frozenset[str]:
    names = set()
    for name, spec in sync.fields.items():
        flags = list(create_only(spec, ("fields", name)))
        marked = [where for where, flag in flags if flag]
        if marked and len(marked) == len(flags):
            names.add(name)
        elif marked:
            message = f"{name} is sent as a whole, so `only_on_create` cannot hold for a part of it."
            remedy = f"Set `only_on_create: true` on every value in {name}, or on none."
            compiler.report((*marked[0], "only_on_create"), message, remedy)
    return frozenset(names)
