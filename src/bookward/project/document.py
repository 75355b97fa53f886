"""A parsed file: plain values, each with the place where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from bookward.records import Problem

Where: TypeAlias = tuple[str | int, ...]
"""Path of keys and indices from the top of a document."""

Scalar: TypeAlias = str | bool | int | Decimal | None


class Place(NamedTuple):
    """A position in a file, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value of a document. A node that an alias repeats is the same object at both places."""

    place: Place
    content: Scalar | dict[str, Member] | list[Node]
    size: int = 1  #: how many nodes it is with everything inside, aliases written out
    height: int = 1  #: how many levels it has
    text_place: Place | None = None  #: where the first character of a block of text (`|`) stands

    def plain(self) -> Any:
        """Return the value without places: text, bool, int, Decimal, None, and dicts and lists of these."""
        match self.content:
            case dict() as members:
                return {key: member.node.plain() for key, member in members.items()}
            case list() as items:
                return [item.plain() for item in items]
            case scalar:
                return scalar

    def within(self, line: int, column: int) -> Place:
        """Return where a line and column (from 1) of this text stand in the file, or where the text begins.

        Only a block of text (`|`) keeps its lines; other styles fold them.
        """
        if self.text_place is None:
            return self.place
        return Place(self.text_place.line + line - 1, self.text_place.column + column - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A key of a mapping, with its own place, and its value."""

    place: Place
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One file; its top is a mapping."""

    path: str  #: relative to the project, with forward slashes
    members: dict[str, Member]
    is_whole: bool = True  #: nothing in the file was passed over to read it, as a key's second value is

    @property
    def root(self) -> Node:
        """The whole document as a node."""
        first = next(iter(self.members.values()), None)
        return Node(place=first.place if first else Place(1, 1), content=self.members)

    def node(self, where: Sequence[str | int]) -> Node | None:
        """Return the value at ``where``, None when there is none."""
        trail = self._trail(where)
        return trail[-1][1] if len(trail) == len(where) + 1 else None

    def text(self, key: str) -> str | None:
        """Return the text under a key of the top, None when there is no such key or no text."""
        member = self.members.get(key)
        content = member.node.content if member else None
        return content if isinstance(content, str) else None

    def key_place(self, where: Sequence[str | int]) -> Place:
        """Return where the key at ``where`` stands, or that of its nearest parent that exists."""
        return self._trail(where)[-1][0]

    def value_place(self, where: Sequence[str | int]) -> Place:
        """Return where the value at ``where`` stands; a value on a later line than its key is its key's."""
        key, node = self._trail(where)[-1]
        missing = node.content is None or node.place.line != key.line
        return key if missing else node.place

    def problem(self, where: Where, message: str, remedy: str, place: Place | None = None) -> Problem:
        """Return a problem at ``where``, placed at its key unless ``place`` says otherwise."""
        line, column = place or self.key_place(where)
        return Problem(
            path=self.path,
            line=line,
            column=column,
            field=dotted(where),
            message=message,
            remedy=remedy,
        )

    def _trail(self, where: Sequence[str | int]) -> list[tuple[Place, Node]]:
        """Return the key's place and the node of every step towards ``where`` that exists."""
        trail = [(self.root.place, self.root)]
        for step in where:
            found = child(trail[-1][1], step)
            if found is None:
                break
            trail.append(found)
        return trail


def child(node: Node, step: str | int) -> tuple[Place, Node] | None:
    """Return place and value of a key or an index of ``node``, None when it has no such."""
    match node.content, step:
        case dict() as members, str() if step in members:
            return members[step].place, members[step].node
        case list() as items, int() if 0 <= step < len(items):
            return items[step].place, items[step]
    return None


def dotted(where: Sequence[str | int]) -> str:
    """Return a path as people write it: "fields.Phones.0.PhoneType"."""
    return ".".join(part if (part := str(step)).isprintable() else repr(part)[1:-1] for step in where)
