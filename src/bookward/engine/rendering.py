"""The small functions that a mapping is compiled into: row in, value on the wire out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from bookward.engine.casts import Cast, Wire
from bookward.engine.text import shown
from bookward.errors import ColumnMissing, FieldRequired, RowError
from bookward.records import Row
from bookward.spec.mapping import WhenNull

if TYPE_CHECKING:  # what templates need takes long to import, and most mappings have none
    from bookward.engine.templates import Template

ABSENT: Final = object()
"""What a field is rendered to when it is left out."""

Notes: TypeAlias = list[str]
Render: TypeAlias = Callable[[Row, Notes], Any]
OnNull: TypeAlias = Callable[[], Any]


class Member(NamedTuple):
    """One field inside an object, ready to be rendered."""

    name: str
    constant: bool  #: the same for every row
    render: Render
    missing: FieldRequired | None  #: what is raised when it is left out; None: it may be


def without_value(path: str, origin: str) -> FieldRequired:
    """Return the error for a field that must have a value where ``origin`` gives none."""
    return FieldRequired(f"{path} must have a value, and {origin} gives none.", field=path)


def on_null(policy: WhenNull, path: str, origin: str) -> OnNull:
    """Return what happens when ``origin`` gives no value for the field at ``path``."""
    if policy == "reject":
        return lambda: _raise(without_value(path, origin))
    return (lambda: "") if policy == "clear" else (lambda: ABSENT)


def _raise(error: RowError) -> Any:
    raise error


def column(name: str, path: str, cast: Cast, null: OnNull) -> Render:
    """Return the rendering of a column; blank text in it counts as null."""

    def render(row: Row, _: Notes) -> Any:
        try:
            value = row[name]
        except KeyError:
            raise ColumnMissing(f"{path} needs column {name!r}, which the row does not have.") from None
        if value is None or (value.__class__ is str and (not value or value.isspace())):
            return null()
        return cast(value)

    return render


def template(ready: Template, path: str, cast: Cast, null: OnNull) -> Render:
    """Return the rendering of a template; white space around its text is dropped, nothing else is null."""

    def render(row: Row, _: Notes) -> Any:
        text = ready.render(row, path).strip()
        return cast(text) if text else null()

    return render


def constant(value: Wire) -> Render:
    """Return the rendering of a value that is the same for every row."""
    return lambda row, notes: value


def noting_change(render: Render, name: str, path: str) -> Render:
    """Return ``render`` of column ``name``, with a note when the text sent is another than the column's."""

    def noted(row: Row, notes: Notes) -> Any:
        value = render(row, notes)
        given = row[name]
        if value is not ABSENT and value and isinstance(given, str) and given != value:
            notes.append(f"{path}: {shown(given)} is sent as {shown(value)}")
        return value

    return noted


def object_of(members: Sequence[Member], *, always: bool = False) -> Render:
    """Return the rendering of an object: left out when nothing but constants is left of it.

    Args:
        members: its fields, in the order in which they are sent.
        always: it is there even when it is empty.
    """
    always = always or all(member.constant for member in members)
    required = [(member.name, member.missing) for member in members if member.missing is not None]

    def render(row: Row, notes: Notes) -> Any:
        values: dict[str, Any] = {}
        alive = always
        for name, fixed, render_member, _ in members:
            value = render_member(row, notes)
            if value is not ABSENT:
                values[name] = value
                alive = alive or not fixed
        if not alive:
            return ABSENT
        for name, error in required:
            if name not in values:
                raise FieldRequired(error.message, field=error.field)
        return values

    return render


def list_of(elements: Sequence[Render]) -> Render:
    """Return the rendering of a list: elements that are left out leave no gap, an empty list is left out."""

    def render(row: Row, notes: Notes) -> Any:
        values = [value for element in elements if (value := element(row, notes)) is not ABSENT]
        return values or ABSENT

    return render


def extended(base: Render, more: Render) -> Render:
    """Return the rendering of an object with more fields, left out where ``base`` is."""

    def render(row: Row, notes: Notes) -> Any:
        values = base(row, notes)
        return values if values is ABSENT else {**values, **more(row, notes)}

    return render
