"""From a sync's field mappings to rendering functions, with every fault that can be seen without a row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from bookward.engine import lists, rendering
from bookward.engine.casts import Zone, caster, own_zone
from bookward.engine.rendering import Member, OnNull, Render
from bookward.errors import FieldInvalid
from bookward.nearest import choose_from, did_you_mean
from bookward.records import SpecProblem
from bookward.spec.field import Field, FieldKind
from bookward.spec.mapping import (
    ORIGINS,
    ColumnMapping,
    ConstantMapping,
    EachMapping,
    FieldMapping,
    TemplateMapping,
    WhenNull,
)

Where: TypeAlias = tuple[str | int, ...]
References: TypeAlias = list[tuple[str, Where]]
"""Names of columns, and where each is referred to."""

_KEYWORDS = (*ORIGINS, "when_null", "only_on_create")
_AMOUNTS = (FieldKind.DECIMAL, FieldKind.INTEGER)
_SCALAR_FORMS = "Write a column's name, or {column: ...}, {value: ...} or {template: ...}."


class Part(NamedTuple):
    """One mapping, compiled."""

    render: Render
    constant: bool


class Compiler:
    """Compiles mappings one by one and collects what is wrong with them.

    Attributes:
        problems: what was found so far.
        unchosen: where a column is still to be chosen; what is mapped beside it is sound all the same.
        references: every column referred to, and where.
        lines: every column that holds lines, and what of them is referred to.
    """

    def __init__(self, zone: Zone = own_zone) -> None:
        """Compile for a destination whose days are those of ``zone``."""
        self._zone = zone
        self.problems: list[SpecProblem] = []
        self.unchosen: list[SpecProblem] = []
        self.references: References = []
        self.lines: list[tuple[str, References]] = []

    def report(self, where: Where, message: str, remedy: str) -> None:
        """Add a problem."""
        self.problems.append(SpecProblem(where=where, message=message, remedy=remedy))

    def refer(self, column: str, where: Where, path: str) -> bool:
        """Take down that a column is referred to; false where none is chosen yet, which is a problem."""
        if column == "":
            message = f"Choose a column for {path}."
            self.unchosen.append(SpecProblem(where=where, message=message, remedy="Or take it out."))
            return False
        self.references.append((column, where))
        return True

    def members(
        self, specs: Mapping[str, FieldMapping], fields: Mapping[str, Field], where: Where, path: str
    ) -> list[Member]:
        """Compile the fields of one object; ``path`` is what stands before their names, "Phones[0]."."""
        compiled = []
        for name, spec in specs.items():
            part = self._named(name, spec, fields, (*where, name), path + name)
            if part is not None:
                must = fields[name].required
                missing = rendering.without_value(path + name, _origin(spec)) if must else None
                compiled.append(Member(name, part.constant, part.render, missing))
        return compiled

    def report_unmapped(
        self, mapped: Mapping[str, Any], fields: Mapping[str, Field], where: Where, path: str
    ) -> None:
        """Report the required ones of ``fields`` that are not mapped."""
        for name, field in fields.items():
            if field.required and not field.read_only and name not in mapped:
                message = f"{path}{name} is required to create a record."
                self.report((*where, name), message, f"Map {path}{name}.")

    def _named(
        self, name: str, spec: FieldMapping, fields: Mapping[str, Field], where: Where, path: str
    ) -> Part | None:
        field = fields.get(name)
        if field is None:
            writable = [known.name for known in fields.values() if not known.read_only]
            self.report(where, f"There is no field {path}.", choose_from(name, writable))
            return None
        if field.read_only:
            self.report(where, f"{path} is read-only.", "Take it out of the mapping.")
            return None
        if field.looked_up:
            message = f"{path} is not part of what is sent for a record, so nothing can be mapped to it."
            self.report(where, message, f"Write `{name}: {{by: ..., column: ...}}` under `look_up`.")
            return None
        return self.part(spec, field, where, path)

    def look_up(self, name: str, by: str, column: str, fields: Mapping[str, Field]) -> list[Member]:
        """Compile the value by which a record of another kind is found, or those by which several are."""
        field = fields.get(name)
        if field is None or not field.looked_up:
            return self.members({name: {by: ColumnMapping(column=column)}}, fields, ("look_up",), "")
        where: Where = ("look_up", name)
        if by not in field.fields:
            self.report((*where, "by"), f"{name} cannot be found by {by!r}.", choose_from(by, field.fields))
            return []
        if not self.refer(column, (*where, "column"), name):
            return []
        render = lists.named(column, name, by, caster(field.fields[by], f"{name}.{by}"))
        return [Member(name, False, render, None)]

    def part(self, spec: FieldMapping, field: Field, where: Where, path: str) -> Part | None:
        """Compile the mapping of one field; None when it is wrong."""
        if field.kind is FieldKind.OBJECT:
            return self._object(spec, field, where, path)
        if field.kind is FieldKind.LIST:
            return self._list(spec, field, where, path)
        if isinstance(spec, EachMapping):
            self.report((*where, "each"), f"{path} is no list, so it has no entries.", _SCALAR_FORMS)
            return None
        if isinstance(spec, dict | list):
            self._report_nested(spec, where, path)
            return None
        return self._scalar(spec, field, where, path)

    def _object(self, spec: object, field: Field, where: Where, path: str) -> Part | None:
        if not isinstance(spec, dict) or not spec:
            names = ", ".join(list(field.fields)[:3])
            self.report(where, f"{path} is an object with fields of its own.", f"Map its fields: {names} ...")
            return None
        before = len(self.problems)
        members = self.members(spec, field.fields, where, f"{path}.")
        self.report_unmapped(spec, field.fields, where, f"{path}.")
        if len(self.problems) > before:
            return None
        return Part(rendering.object_of(members), all(member.constant for member in members))

    def _list(self, spec: object, field: Field, where: Where, path: str) -> Part | None:
        if isinstance(spec, EachMapping):
            return self._each(spec, field, where, path)
        if not isinstance(spec, list) or not spec:
            remedy = "Write one `- ` item per element, or {each: ..., fields: ...} for one per line."
            self.report(where, f"{path} is a list of objects.", remedy)
            return None
        if field.max_length is not None and len(spec) > field.max_length:
            message = f"{path} has {len(spec)} elements, at most {field.max_length} are allowed."
            self.report((*where, field.max_length), message, "Take some elements out.")
        parts = [
            self._object(element, field, (*where, index), f"{path}[{index + 1}]")
            for index, element in enumerate(spec)
        ]
        sound = [part for part in parts if part is not None]
        if len(sound) < len(parts):
            return None
        renders = [part.render for part in sound]
        return Part(rendering.list_of(renders), all(part.constant for part in sound))

    def _each(self, spec: EachMapping, field: Field, where: Where, path: str) -> Part | None:
        is_chosen = self.refer(spec.each, (*where, "each"), f"the lines of {path}")
        inside = Compiler(self._zone)
        entry = inside._object(spec.fields, field, (*where, "fields"), f"{path}[]")
        self.problems += inside.problems
        self.unchosen += inside.unchosen
        if is_chosen:
            self.lines.append((spec.each, inside.references))
        total = self._total(spec, field, (*where, "total"), path)
        if entry is None or not is_chosen:
            return None
        null = rendering.on_null(spec.when_null, path, f"column {spec.each!r}")
        render = lists.each(spec.each, path, entry.render, null, field.max_length, total)
        return Part(render, constant=False)

    def _total(self, spec: EachMapping, field: Field, where: Where, path: str) -> lists.Total | None:
        if spec.total is None:
            return None
        self.references.append((spec.total.column, (*where, "column")))
        amounts = [name for name, inner in field.fields.items() if inner.kind in _AMOUNTS]
        mapped = [name for name in spec.fields if name in amounts]
        for place, name in enumerate(spec.total.of):
            if name not in mapped:
                said = "is not mapped" if name in amounts else "is no amount"
                self.report((*where, "of", place), f"{path}[].{name} {said}.", choose_from(name, mapped))
        parts, of = [field.fields[name] for name in spec.fields if name in field.fields], spec.total.of
        percent = next((part.name for part in parts if part.percent_off in of), "")
        discount = next((part.name for part in parts if part.amount_off in of), "")
        return lists.Total(spec.total.column, tuple(of), percent, discount)

    def _report_nested(self, spec: object, where: Where, path: str) -> None:
        unknown = [name for name in spec if name not in _KEYWORDS] if isinstance(spec, dict) else []
        given = f"an object with {unknown[0]!r}" if unknown else "a list or an empty object"
        hint = did_you_mean(unknown[0], _KEYWORDS) if unknown else ""
        self.report(where, f"{path} takes one value, not {given}.", hint or _SCALAR_FORMS)

    def _scalar(
        self,
        spec: str | ColumnMapping | ConstantMapping | TemplateMapping,
        field: Field,
        where: Where,
        path: str,
    ) -> Part | None:
        if isinstance(spec, str):
            return self._column(spec, "omit", field, where, path)
        if isinstance(spec, ConstantMapping):
            return self._constant(spec, field, (*where, "value"), path)
        self._check_policy(spec.when_null, field, where, path)
        if isinstance(spec, TemplateMapping):
            return self._template(spec, field, (*where, "template"), path)
        return self._column(spec.column, spec.when_null, field, (*where, "column"), path)

    def _column(self, name: str, policy: WhenNull, field: Field, where: Where, path: str) -> Part | None:
        render = self.column(name, policy, field, where, path)
        return None if render is None else Part(render, constant=False)

    def column(self, name: str, policy: WhenNull, field: Field, where: Where, path: str) -> Render | None:
        """Compile a column into a scalar field; None where no column is chosen yet."""
        if not self.refer(name, where, path):
            return None
        null = rendering.on_null(policy, path, f"column {name!r}")
        render = rendering.column(name, path, caster(field, path, self._zone, column=name), null)
        return rendering.noting_change(render, name, path) if field.choices else render

    def _constant(self, spec: ConstantMapping, field: Field, where: Where, path: str) -> Part | None:
        try:
            value = caster(field, path)(spec.value)
        except FieldInvalid as error:
            self.report(where, error.message, "Write a value that fits.")
            return None
        if field.kind is FieldKind.DATE:  # the zone is asked for with the first row, not before
            cast = caster(field, path, self._zone)
            return Part(lambda _row, _notes: cast(spec.value), constant=True)
        return Part(rendering.constant(value), constant=True)

    def _template(self, spec: TemplateMapping, field: Field, where: Where, path: str) -> Part:
        from bookward.engine import templates  # see rendering: it takes long to import

        ready = templates.parse(spec.template)
        for fault in ready.faults:
            place = f"line {fault.line}, column {fault.column} of the template"
            self.report(where, f"{path}, {place}: {fault.message}", fault.remedy)
        self.references += [(name, where) for name in ready.columns]
        null: OnNull = rendering.on_null(spec.when_null, path, "the template")
        return Part(rendering.template(ready, path, caster(field, path, self._zone), null), constant=False)

    def _check_policy(self, policy: WhenNull, field: Field, where: Where, path: str) -> None:
        if policy != "clear" or field.clearable:
            return
        reason = "is required" if field.required else "is not free text"
        remedy = "Use `when_null: omit` or `when_null: reject`."
        self.report((*where, "when_null"), f"{path} {reason}, so it cannot be cleared.", remedy)


def create_only(spec: FieldMapping, where: Where) -> Iterator[tuple[Where, bool]]:
    """Yield for every value inside a mapping where it stands and whether it is sent on creation only."""
    if isinstance(spec, dict):
        for name, inner in spec.items():
            yield from create_only(inner, (*where, name))
    elif isinstance(spec, list):
        for index, inner in enumerate(spec):
            yield from create_only(inner, (*where, index))
    elif isinstance(spec, EachMapping):
        yield where, spec.only_on_create
        for place, flag in create_only(spec.fields, (*where, "fields")):
            yield place, flag or spec.only_on_create
    else:
        yield where, not isinstance(spec, str) and spec.only_on_create


def _origin(spec: FieldMapping) -> str:
    if isinstance(spec, str):
        return f"column {spec!r}"
    if isinstance(spec, ColumnMapping | EachMapping):
        return f"column {spec.column if isinstance(spec, ColumnMapping) else spec.each!r}"
    return "the template" if isinstance(spec, TemplateMapping) else "its mapping"
