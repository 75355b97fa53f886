"""Parsing one YAML file into plain values with their places.

The tree is built from the parser's events, not by its constructors: nothing in a file can call code, depth
and size are bounded while reading, and every key keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from bookward.project.conflicts import conflict_problems
from bookward.project.document import Document, Member, Node, Place, Scalar
from bookward.project.scalars import plain_scalar
from bookward.project.text import file_problem
from bookward.project.words import quoted
from bookward.project.yamlwords import UNQUOTED_TEMPLATE, bare_template, said_about
from bookward.records import Problem

MOST_NODES = 20_000
MOST_LEVELS = 32

_TEXT_TAGS = frozenset({"!", "tag:yaml.org,2002:str"})
_WITHOUT_MEANING = frozenset({None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"})


def parse_yaml(text: str, path: str) -> tuple[Document | None, list[Problem]]:
    """Return the document of a file, None when it cannot be read as one, and everything wrong with it.

    A document comes back beside problems when it could be read on: a duplicate key, for example.
    """
    conflicts = conflict_problems(text, path)
    if conflicts:
        return None, conflicts
    tree = _Tree(text, path)
    try:
        root = tree.read()
    except _Stop as stop:
        return None, [*tree.problems, stop.problem]
    return Document(path=path, members=root, is_whole=not tree.problems), tree.problems


class _Stop(Exception):
    """The file cannot be read any further; never leaves this module."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Tree:
    """The tree of one file, as far as it is read."""

    def __init__(self, text: str, path: str) -> None:
        self.problems: list[Problem] = []
        self._text = text
        self._lines = text.split("\n")
        self._path = path
        self._anchors: dict[str, Node] = {}
        self._size = 0
        self._place = Place(1, 1)
        self._events = self._parse()

    def read(self) -> dict[str, Member]:
        documents = 0
        members: dict[str, Member] = {}
        for event in self._events:
            if not isinstance(event, DocumentStartEvent):
                continue
            documents += 1
            if documents > 1:
                raise self._stop("A second document begins here.", "Keep one document in a file.")
            members = self._top()
        if not documents:
            raise self._stop(f"{self._path} is empty.", "Write its keys, or remove the file.", Place(1, 1))
        return members

    def _top(self) -> dict[str, Member]:
        node = self._node(next(self._events), 1)
        if isinstance(node.content, dict):
            return node.content
        what = "a list" if isinstance(node.content, list) else "a text without a key"
        raise self._stop(
            f"The file begins with {what}, not with 'key: value'.",
            "Write its keys, each with a colon.",
            node.place,
        )

    def _parse(self) -> Iterator[Any]:
        """Yield the parser's events; whatever it stumbles over becomes a problem."""
        try:
            for event in YAML(typ="safe", pure=True).parse(self._text):
                self._place = _place(event)
                yield event
        except MarkedYAMLError as error:
            said, place = said_about(error, self._text)
            raise self._stop(said.message, said.remedy, place) from None
        except (YAMLError, ArithmeticError, LookupError, ValueError, TypeError, AttributeError):
            # The scanner lets Python's own errors through, for example on an impossible \U escape.
            raise self._stop(
                "YAML cannot be read after this place.", "Look for odd escapes in the next value."
            ) from None

    def _node(self, event: Any, level: int) -> Node:
        place = _place(event)
        if level > MOST_LEVELS:
            raise self._stop(
                f"Values are nested more than {MOST_LEVELS} levels deep.", "Write it flatter.", place
            )
        if isinstance(event, AliasEvent):
            return self._alias(event, place, level)
        node = self._fresh(event, place, level)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _fresh(self, event: Any, place: Place, level: int) -> Node:
        self._grow(1, place)
        match event:
            case MappingStartEvent():
                self._check_tag(event, place)
                return self._mapping(place, level)
            case SequenceStartEvent():
                self._check_tag(event, place)
                return self._sequence(place, level)
            case _:
                return self._scalar(event, place)

    def _alias(self, event: AliasEvent, place: Place, level: int) -> Node:
        # An anchor is known once its value is complete, so no value can contain itself.
        node = self._anchors.get(event.anchor)
        if node is None:
            raise self._stop(
                f"There is no anchor &{event.anchor} above this place.",
                "Write the value out; to mean a text that begins with *, put it in quotes.",
                place,
            )
        if level + node.height > MOST_LEVELS:
            raise self._stop("Aliases nest too deep here.", "Write the value out.", place)
        self._grow(node.size, place)
        return Node(
            place=place,
            content=node.content,
            size=node.size,
            height=node.height,
        )

    def _mapping(self, place: Place, level: int) -> Node:
        members: dict[str, Member] = {}
        for event in self._until(MappingEndEvent):
            key, where = self._key(event), _place(event)
            node = self._node(next(self._events), level + 1)
            if key in members:
                first = members[key].place.line
                self._report(
                    f"The key {quoted(key)} stands here a second time; the first is on line {first}.",
                    "Remove one of the two.",
                    where,
                )
            else:
                members[key] = Member(place=where, node=node)
        return _parent(place, members, [member.node for member in members.values()])

    def _key(self, event: Any) -> str:
        place = _place(event)
        self._grow(1, place)
        if not isinstance(event, ScalarEvent):
            if bare_template(self._text, place.line - 1):
                raise self._stop(UNQUOTED_TEMPLATE.message, UNQUOTED_TEMPLATE.remedy, place)
            raise self._stop("A key must be a plain text.", "Correct the key.", place)
        key = self._encodable(event.value, place)
        if key == "<<":
            self._report("Merge keys (<<) are not part of YAML 1.2.", "Write the keys out.", place)
        return key

    def _sequence(self, place: Place, level: int) -> Node:
        items = [self._node(event, level + 1) for event in self._until(SequenceEndEvent)]
        return _parent(place, items, items)

    def _scalar(self, event: ScalarEvent, place: Place) -> Node:
        text = self._encodable(event.value, place)
        content: Scalar = text
        if event.tag not in _TEXT_TAGS:
            self._check_tag(event, place)
            content = self._plain(text, place) if event.implicit[0] else text
        return Node(place=place, content=content, text_place=self._block_place(event, place))

    def _plain(self, text: str, place: Place) -> Scalar:
        try:
            return plain_scalar(text)
        except ValueError:
            self._report(
                f"The number {quoted(text)[1:-1]} is too long.",
                "If it is not a number, put it in quotes.",
                place,
            )
            return text

    def _block_place(self, event: ScalarEvent, place: Place) -> Place | None:
        if event.style != "|":
            return None
        below = self._lines[place.line : event.end_mark.line]
        indents = [len(line) - len(line.lstrip(" ")) for line in below if line.strip()]
        return Place(place.line + 1, min(indents, default=0) + 1)

    def _encodable(self, text: str, place: Place) -> str:
        if _is_unicode(text):
            return text
        self._report("This text holds a character that does not exist.", "Correct the \\ escape.", place)
        return text.encode("utf-8", "replace").decode().replace("\0", "?")

    def _check_tag(self, event: Any, place: Place) -> None:
        if event.tag not in _WITHOUT_MEANING:
            self._report(
                f"The tag {quoted(str(event.tag))} means nothing here.",
                "Remove it; to mean a text that begins with !, put it in quotes.",
                place,
            )

    def _until(self, end: type[Any]) -> Iterator[Any]:
        while not isinstance(event := next(self._events), end):
            yield event

    def _grow(self, nodes: int, place: Place) -> None:
        self._size += nodes
        if self._size > MOST_NODES:
            raise self._stop(
                f"The file holds more than {MOST_NODES:,} values, aliases written out.", "Split it.", place
            )

    def _report(self, message: str, remedy: str, place: Place) -> None:
        self.problems.append(file_problem(self._path, message, remedy, line=place.line, column=place.column))

    def _stop(self, message: str, remedy: str, place: Place | None = None) -> _Stop:
        line, column = place or self._place
        return _Stop(file_problem(self._path, message, remedy, line=line, column=column))


def _parent(place: Place, content: dict[str, Member] | list[Node], children: list[Node]) -> Node:
    return Node(
        place=place,
        content=content,
        size=1 + sum(node.size for node in children),
        height=1 + max((node.height for node in children), default=0),
    )


def _place(event: Any) -> Place:
    return Place(event.start_mark.line + 1, event.start_mark.column + 1)


def _is_unicode(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
